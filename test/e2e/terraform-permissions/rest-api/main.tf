resource "aws_api_gateway_rest_api" "visits" {
  name        = "visits"
  description = var.changed ? "changed" : "visits"
  tags        = { Project = "resume" }
}

resource "aws_api_gateway_resource" "count" {
  rest_api_id = aws_api_gateway_rest_api.visits.id
  parent_id   = aws_api_gateway_rest_api.visits.root_resource_id
  path_part   = "count"
}

resource "aws_api_gateway_method" "get" {
  rest_api_id   = aws_api_gateway_rest_api.visits.id
  resource_id   = aws_api_gateway_resource.count.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "get" {
  rest_api_id       = aws_api_gateway_rest_api.visits.id
  resource_id       = aws_api_gateway_resource.count.id
  http_method       = aws_api_gateway_method.get.http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\": 200}" }
}

resource "aws_api_gateway_method_response" "get" {
  rest_api_id = aws_api_gateway_rest_api.visits.id
  resource_id = aws_api_gateway_resource.count.id
  http_method = aws_api_gateway_method.get.http_method
  status_code = "200"
}

resource "aws_api_gateway_integration_response" "get" {
  rest_api_id = aws_api_gateway_rest_api.visits.id
  resource_id = aws_api_gateway_resource.count.id
  http_method = aws_api_gateway_method.get.http_method
  status_code = aws_api_gateway_method_response.get.status_code
  depends_on  = [aws_api_gateway_integration.get]
}

resource "aws_api_gateway_deployment" "visits" {
  rest_api_id = aws_api_gateway_rest_api.visits.id
  depends_on  = [aws_api_gateway_integration_response.get]
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id   = aws_api_gateway_rest_api.visits.id
  deployment_id = aws_api_gateway_deployment.visits.id
  stage_name    = "live"
  description   = var.changed ? "changed" : "live"
  tags          = var.changed ? { Name = "live" } : { Name = "stage", Old = "yes" }
}

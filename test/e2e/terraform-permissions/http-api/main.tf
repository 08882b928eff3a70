resource "aws_dynamodb_table" "visits" {
  name         = "Visits"
  hash_key     = "Id"
  billing_mode = "PAY_PER_REQUEST"
  tags         = var.changed ? { Name = "visits" } : { Name = "counter", Old = "yes" }

  # Changed by UpdateTable.
  deletion_protection_enabled = false
  stream_enabled              = var.changed
  stream_view_type            = var.changed ? "KEYS_ONLY" : null

  attribute {
    name = "Id"
    type = "S"
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "counter" {
  statement {
    actions   = ["dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.visits.arn]
  }
}

resource "aws_iam_role" "counter" {
  name               = "resume-counter"
  path               = "/resume/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "counter" {
  name   = "table"
  role   = aws_iam_role.counter.id
  policy = data.aws_iam_policy_document.counter.json
}

resource "aws_cloudwatch_log_group" "counter" {
  name              = "/aws/lambda/resume-counter"
  retention_in_days = var.changed ? 30 : 14
}

resource "aws_lambda_function" "counter" {
  function_name    = "resume-counter"
  role             = aws_iam_role.counter.arn
  runtime          = "python3.13"
  handler          = "index.handler"
  filename         = "${path.module}/${var.changed ? "second" : "first"}.zip"
  source_code_hash = filebase64sha256("${path.module}/${var.changed ? "second" : "first"}.zip")
  memory_size      = var.changed ? 256 : 128
  tags             = var.changed ? { Name = "counter" } : { Name = "visits", Old = "yes" }

  environment {
    variables = { TABLE_NAME = aws_dynamodb_table.visits.name }
  }

  depends_on = [aws_cloudwatch_log_group.counter]
}

resource "aws_apigatewayv2_api" "counter" {
  name          = "resume-counter"
  protocol_type = "HTTP"
  description   = var.changed ? "changed" : "counter"
}

resource "aws_apigatewayv2_integration" "counter" {
  api_id                 = aws_apigatewayv2_api.counter.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.counter.invoke_arn
  payload_format_version = "2.0"
  description            = var.changed ? "changed" : "counter"
}

resource "aws_apigatewayv2_route" "counter" {
  api_id    = aws_apigatewayv2_api.counter.id
  route_key = "GET /"
  target    = "integrations/${aws_apigatewayv2_integration.counter.id}"
}

resource "aws_apigatewayv2_stage" "counter" {
  api_id      = aws_apigatewayv2_api.counter.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_lambda_permission" "counter" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.counter.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.counter.execution_arn}/*/*"
}

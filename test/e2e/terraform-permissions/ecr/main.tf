resource "aws_ecr_repository" "app" {
  name                 = "resume/app"
  image_tag_mutability = var.changed ? "MUTABLE" : "IMMUTABLE"
  tags                 = var.changed ? { Name = "app" } : { Name = "image", Old = "yes" }

  image_scanning_configuration {
    scan_on_push = !var.changed
  }
}

resource "aws_ecr_lifecycle_policy" "app" {
  repository = aws_ecr_repository.app.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection    = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = var.changed ? 5 : 3 }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_ecr_repository_policy" "app" {
  repository = aws_ecr_repository.app.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = var.changed ? ["ec2.amazonaws.com", "lambda.amazonaws.com"] : ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::resume-data/${var.changed ? "public/*" : "*"}"]
  }
}

resource "aws_iam_role" "server" {
  name                 = "resume-server"
  path                 = "/resume/"
  description          = var.changed ? "changed" : "server"
  max_session_duration = var.changed ? 7200 : 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.changed ? { Name = "server" } : { Name = "role", Old = "yes" }
}

resource "aws_iam_role_policy" "server" {
  name   = "read"
  role   = aws_iam_role.server.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_policy" "read" {
  name   = "resume-read"
  policy = data.aws_iam_policy_document.read.json
  tags   = var.changed ? { Name = "read" } : { Name = "policy", Old = "yes" }
}

resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.server.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_instance_profile" "server" {
  name = "resume-server"
  role = aws_iam_role.server.name
  tags = var.changed ? { Name = "server" } : { Name = "profile", Old = "yes" }
}

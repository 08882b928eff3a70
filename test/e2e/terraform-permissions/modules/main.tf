provider "aws" {
  alias       = "second"
  region      = "eu-west-1"
  max_retries = 1
}

module "bucket" {
  source   = "./bucket"
  for_each = toset(["uploads", "results"])

  name    = "resume-${each.key}-example"
  changed = var.changed
}

resource "aws_sqs_queue" "work" {
  count                     = 2
  name                      = "resume-work-${count.index}"
  message_retention_seconds = var.changed ? 120 : 60
}

# Names that Terraform generates differ in each run.
resource "aws_sqs_queue" "other" {
  provider                  = aws.second
  name_prefix               = "resume-other-"
  message_retention_seconds = var.changed ? 120 : 60
}

resource "aws_ssm_parameter" "setting" {
  for_each = { colour = "blue", size = "large" }

  name  = "/resume/${each.key}"
  type  = "String"
  value = var.changed ? upper(each.value) : each.value
}

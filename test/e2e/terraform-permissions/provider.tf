# Copied into the folder of each configuration.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "changed" {
  description = "Changes whatever can be changed without replacing it."
  type        = bool
  default     = false
}

variable "default_tags" {
  type    = map(string)
  default = {}
}

provider "aws" {
  region = "eu-west-2"
  # Calls that the emulator does not know fail immediately instead of after 25 attempts.
  max_retries = 1

  dynamic "default_tags" {
    for_each = length(var.default_tags) > 0 ? [var.default_tags] : []

    content {
      tags = default_tags.value
    }
  }
}

# Of each configuration in this folder, into which it is copied.

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
  # What the emulator does not know fails at once, and not after 25 tries.
  max_retries = 1

  dynamic "default_tags" {
    for_each = length(var.default_tags) > 0 ? [var.default_tags] : []

    content {
      tags = default_tags.value
    }
  }
}

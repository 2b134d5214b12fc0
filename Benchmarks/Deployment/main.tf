# Terraform: a function with a cache, in the archive beside this file, which was made with
#   Benchmarks/run Deployment NAME --output function.zip
# Deploy it with
#   terraform init && terraform apply -var architecture=arm64

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.30"
    }
  }
}

variable "archive" {
  description = "The archive, as `Benchmarks/run Deployment` has made it"
  type        = string
  default     = "function.zip"
}

variable "architecture" {
  description = "The architecture of the archive: arm64, which costs a fifth less, or x86_64"
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "memory_size" {
  description = "MB for the function and its caches; the budget of the caches follows from it"
  type        = number
  default     = 256
}

variable "cache_time_to_live" {
  description = "How long an entry lives, such as 30s, 5m or 1h"
  type        = string
  default     = "5m"
}

data "aws_iam_policy_document" "assume_role" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name_prefix        = "user-function-"
  assume_role_policy = data.aws_iam_policy_document.assume_role.json
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "function" {
  function_name    = "user-function"
  role             = aws_iam_role.function.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  filename         = var.archive
  source_code_hash = filebase64sha256(var.archive)
  architectures    = [var.architecture]
  memory_size      = var.memory_size
  timeout          = 10

  logging_config {
    log_format            = "JSON"
    application_log_level = "INFO"
    system_log_level      = "INFO"
  }

  environment {
    variables = {
      # `Tuning by environment variables` in the documentation lists all of them.
      LAMBDA_CACHE_TTL     = var.cache_time_to_live
      LAMBDA_CACHE_METRICS = "100"
    }
  }
}

output "function" {
  description = "The name that the function is invoked by"
  value       = aws_lambda_function.function.function_name
}

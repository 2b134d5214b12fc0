# Terraform: a function with a cache, packed by `Benchmarks/run Deployment`. Deploy it with
#   terraform init && terraform apply -var archive=UserFunction-arm64.zip

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
}

variable "architecture" {
  description = "The architecture that the archive was built for: arm64 or x86_64"
  type        = string
  default     = "arm64"

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

resource "aws_lambda_function_url" "function" {
  function_name      = aws_lambda_function.function.function_name
  authorization_type = "AWS_IAM"
}

output "url" {
  description = "Where the function answers"
  value       = aws_lambda_function_url.function.function_url
}

resource "aws_sns_topic" "alerts" {
  name         = "resume-alerts"
  display_name = var.changed ? "changed" : "alerts"
  tags         = var.changed ? { Name = "topic" } : { Name = "alerts", Old = "yes" }
}

resource "aws_sqs_queue" "alerts" {
  name                       = "resume-alerts"
  visibility_timeout_seconds = var.changed ? 60 : 30
  tags                       = var.changed ? { Name = "queue" } : { Name = "alerts", Old = "yes" }
}

data "aws_iam_policy_document" "alerts" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.alerts.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com", "events.amazonaws.com"]
    }
  }
}

resource "aws_sqs_queue_policy" "alerts" {
  queue_url = aws_sqs_queue.alerts.url
  policy    = data.aws_iam_policy_document.alerts.json
}

resource "aws_sns_topic_subscription" "alerts" {
  topic_arn            = aws_sns_topic.alerts.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.alerts.arn
  raw_message_delivery = var.changed
}

resource "aws_cloudwatch_event_rule" "daily" {
  name                = "resume-daily"
  schedule_expression = "rate(${var.changed ? 2 : 1} ${var.changed ? "days" : "day"})"
  tags                = var.changed ? { Name = "rule" } : { Name = "daily", Old = "yes" }
}

resource "aws_cloudwatch_event_target" "daily" {
  rule      = aws_cloudwatch_event_rule.daily.name
  target_id = "queue"
  arn       = aws_sqs_queue.alerts.arn
}

resource "aws_cloudwatch_metric_alarm" "messages" {
  alarm_name          = "resume-messages"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.alerts.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.changed ? 20 : 10
  period              = 300
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alerts.arn]
  tags                = var.changed ? { Name = "alarm" } : { Name = "messages", Old = "yes" }
}

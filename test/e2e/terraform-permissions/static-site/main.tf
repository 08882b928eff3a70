# CloudFront only accepts certificates from this region.
provider "aws" {
  alias       = "global"
  region      = "us-east-1"
  max_retries = 1

  default_tags {
    tags = var.default_tags
  }
}

resource "aws_s3_bucket" "site" {
  bucket = "resume-site-example-com"
  tags   = var.changed ? { Name = "site" } : { Name = "page", Old = "yes" }
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = !var.changed
}

resource "aws_s3_object" "page" {
  bucket       = aws_s3_bucket.site.id
  key          = "index.html"
  content      = var.changed ? "<h1>Hello</h1>" : "<h1>Resume</h1>"
  content_type = "text/html"
}

resource "aws_cloudfront_origin_access_control" "site" {
  name                              = "resume-site"
  description                       = var.changed ? "changed" : "site"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_route53_zone" "site" {
  name    = "resume.example.com"
  comment = var.changed ? "changed" : "site"
}

resource "aws_acm_certificate" "site" {
  provider          = aws.global
  domain_name       = "resume.example.com"
  validation_method = "DNS"
  tags              = var.changed ? { Name = "site" } : { Name = "page", Old = "yes" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = {
    for option in aws_acm_certificate.site.domain_validation_options : option.domain_name => option
  }

  zone_id = aws_route53_zone.site.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = var.changed ? 120 : 60
}

resource "aws_acm_certificate_validation" "site" {
  provider                = aws.global
  certificate_arn         = aws_acm_certificate.site.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_cloudfront_distribution" "site" {
  enabled             = true
  default_root_object = "index.html"
  aliases             = ["resume.example.com"]
  comment             = var.changed ? "changed" : "site"

  origin {
    origin_id                = "site"
    domain_name              = aws_s3_bucket.site.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.site.id
  }

  default_cache_behavior {
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    # Managed-CachingOptimized
    cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.site.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

data "aws_iam_policy_document" "site" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.site.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.site.arn]
    }
  }
}

resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
  policy = data.aws_iam_policy_document.site.json
}

resource "aws_route53_record" "site" {
  zone_id = aws_route53_zone.site.zone_id
  name    = "resume.example.com"
  type    = "A"

  alias {
    name                   = aws_cloudfront_distribution.site.domain_name
    zone_id                = aws_cloudfront_distribution.site.hosted_zone_id
    evaluate_target_health = false
  }
}

"""Run by ``npm run test:python``, against Moto's mock of DynamoDB in this process."""

import json
import os
import unittest
from unittest.mock import patch

# Set before boto3 is imported, so that real credentials and regions are never used.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-west-2",
)
os.environ.pop("AWS_ENDPOINT_URL", None)
os.environ.pop("AWS_PROFILE", None)

import boto3
from moto import mock_aws

from IncrementVisits import lambda_handler


def create_table(name="Visits"):
    boto3.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


@mock_aws
class VisitCounter(unittest.TestCase):
    def test_counts_1_then_2(self):
        create_table()
        first, second = lambda_handler({}, None), lambda_handler({}, None)
        self.assertEqual(first["statusCode"], 200)
        self.assertEqual(first["headers"], {"content-type": "application/json"})
        self.assertEqual(first["body"], '{"Id": "cv", "VisitTotal": 1}')
        self.assertEqual(second["body"], '{"Id": "cv", "VisitTotal": 2}')

    def test_counts_a_get_request_from_a_page(self):
        create_table()
        answer = lambda_handler(
            {
                "version": "2.0",
                "rawPath": "/",
                "headers": {"origin": "https://resume.example.com", "sec-fetch-mode": "cors"},
                "requestContext": {"http": {"method": "GET", "path": "/"}},
                "isBase64Encoded": False,
            },
            None,
        )
        self.assertEqual(answer["statusCode"], 200)
        self.assertEqual(json.loads(answer["body"]), {"Id": "cv", "VisitTotal": 1})
        self.assertNotIn("access-control-allow-origin", answer["headers"])

    def test_does_not_count_the_smoke_test_of_crc(self):
        create_table()
        test = {"headers": {"origin": "https://resume.example.com", "x-crc-smoke-test": "true"}}
        bodies = [lambda_handler(event, None)["body"] for event in (test, {"headers": {}}, {"headers": None}, test)]
        self.assertEqual([json.loads(body)["VisitTotal"] for body in bodies], [0, 1, 2, 2])

    def test_a_smoke_test_fails_without_the_table(self):
        with self.assertLogs(level="ERROR"):
            answer = lambda_handler({"headers": {"x-crc-smoke-test": "true"}}, None)
        self.assertEqual(answer["statusCode"], 500)

    def test_increments_an_existing_total(self):
        create_table()
        boto3.client("dynamodb").put_item(
            TableName="Visits", Item={"Id": {"S": "cv"}, "VisitTotal": {"N": "41"}, "Other": {"S": "kept"}}
        )
        self.assertEqual(json.loads(lambda_handler({}, None)["body"])["VisitTotal"], 42)
        item = boto3.client("dynamodb").get_item(TableName="Visits", Key={"Id": {"S": "cv"}})["Item"]
        self.assertEqual(item["Other"], {"S": "kept"})

    @patch.dict(os.environ, {"TABLE_NAME": "Elsewhere", "ITEM_ID": "blog"})
    def test_reads_the_table_and_the_item_from_the_environment(self):
        create_table("Elsewhere")
        self.assertEqual(json.loads(lambda_handler({}, None)["body"]), {"Id": "blog", "VisitTotal": 1})

    def test_answers_500_without_the_table_and_only_logs_the_cause(self):
        with self.assertLogs(level="ERROR") as logs:
            answer = lambda_handler({}, None)
        self.assertEqual(answer["statusCode"], 500)
        self.assertEqual(json.loads(answer["body"]), {"error": "The visit could not be counted."})
        self.assertIn("ResourceNotFoundException", logs.output[0])


if __name__ == "__main__":
    unittest.main()

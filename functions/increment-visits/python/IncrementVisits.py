"""The visit counter: each call adds 1 to one item of a DynamoDB table and answers with the new total. A smoke test of crc
adds 0: it proves the same, and is no visit.

Environment: TABLE_NAME (``Visits``), whose key is the string ``Id``; ITEM_ID (``cv``), the item that counts. CORS belongs
to the function URL: headers here as well would reach the browser twice.
"""

import functools
import json
import logging
import os

import boto3

logger = logging.getLogger()


@functools.cache
def dynamodb():
    """The client, created by the first call and then kept: a test can import this file without a region or credentials."""
    return boto3.client("dynamodb")


def lambda_handler(event, context):
    """Answers 200 with ``{"Id": "cv", "VisitTotal": 1}``, then 2, …; 500 with ``error`` when it could not count."""
    item_id = os.environ.get("ITEM_ID", "cv")
    try:
        total = add_visits(os.environ.get("TABLE_NAME", "Visits"), item_id, 0 if is_smoke_test(event) else 1)
    except Exception:
        # The cause is for the log alone: it names the account and the table.
        logger.exception("could not count the visit")
        return answer(500, {"error": "The visit could not be counted."})
    return answer(200, {"Id": item_id, "VisitTotal": total})


def is_smoke_test(event):
    """Lambda sends the names of headers in lowercase; other events than those of HTTP have none."""
    headers = event.get("headers") if isinstance(event, dict) else None
    return isinstance(headers, dict) and "x-crc-smoke-test" in headers


def add_visits(table, item_id, visits):
    """One atomic call: reading first and writing then would lose visits that come at the same time."""
    value = ":one" if visits == 1 else ":none"
    updated = dynamodb().update_item(
        TableName=table,
        Key={"Id": {"S": item_id}},
        UpdateExpression=f"ADD VisitTotal {value}",
        ExpressionAttributeValues={value: {"N": str(visits)}},
        # Of an attribute to which 0 is added UPDATED_NEW need not answer with the value: it is not new.
        ReturnValues="ALL_NEW",
    )
    return int(updated["Attributes"]["VisitTotal"]["N"])


def answer(status_code, body):
    return {
        "statusCode": status_code,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }

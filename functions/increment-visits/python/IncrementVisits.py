"""The visit counter: each call adds 1 to an item in a DynamoDB table and returns the new total. crc's smoke test adds 0,
which exercises the same code without counting a visit.

Environment: TABLE_NAME (``Visits``), a table whose partition key is the string ``Id``; ITEM_ID (``cv``), the item that
holds the total. The function URL adds the CORS headers; if the handler added them too, browsers would get them twice.
"""

import functools
import json
import logging
import os

import boto3

logger = logging.getLogger()


@functools.cache
def dynamodb():
    """Created on first use, so that tests can import this file without a region or credentials."""
    return boto3.client("dynamodb")


def lambda_handler(event, context):
    """Returns 200 with ``{"Id": "cv", "VisitTotal": 1}``, then 2, …; 500 with ``error`` if counting failed."""
    item_id = os.environ.get("ITEM_ID", "cv")
    try:
        total = add_visits(os.environ.get("TABLE_NAME", "Visits"), item_id, 0 if is_smoke_test(event) else 1)
    except Exception:
        # The cause names the account and the table, so it is only logged.
        logger.exception("could not count the visit")
        return answer(500, {"error": "The visit could not be counted."})
    return answer(200, {"Id": item_id, "VisitTotal": total})


def is_smoke_test(event):
    """Whether crc sent the event. Lambda sends header names in lowercase; only HTTP events have headers."""
    headers = event.get("headers") if isinstance(event, dict) else None
    return isinstance(headers, dict) and "x-crc-smoke-test" in headers


def add_visits(table, item_id, visits):
    """A single atomic update: a read followed by a write would lose concurrent visits."""
    value = ":one" if visits == 1 else ":none"
    updated = dynamodb().update_item(
        TableName=table,
        Key={"Id": {"S": item_id}},
        UpdateExpression=f"ADD VisitTotal {value}",
        ExpressionAttributeValues={value: {"N": str(visits)}},
        # UPDATED_NEW may omit an attribute to which 0 is added, because its value does not change.
        ReturnValues="ALL_NEW",
    )
    return int(updated["Attributes"]["VisitTotal"]["N"])


def answer(status_code, body):
    return {
        "statusCode": status_code,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }

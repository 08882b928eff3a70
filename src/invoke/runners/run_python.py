"""Runs one invocation of a Python function in a separate process, as Lambda would.

Arguments: FOLDER MODULE FUNCTION TIMEOUT_SECONDS. Reads ``{"event": …, "context": …}`` from file descriptor 3. Writes
one line to file descriptor 4 once the module is loaded, and then ``{"payload": …}`` or
``{"error": {"errorType", "errorMessage", "trace"}}``.
"""

import decimal
import importlib
import json
import logging
import math
import os
import sys
import time
import traceback
import uuid

folder, module, function, timeout = sys.argv[1:]
answers = os.fdopen(4, "w", encoding="utf-8")
is_started = False


def started():
    global is_started
    if not is_started:
        print("started", file=answers, flush=True)
    is_started = True


def end(result):
    started()
    print(json.dumps(result), file=answers, flush=True)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the function must not keep the process alive.
    os._exit(0)


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, given):
        self.aws_request_id = given["awsRequestId"]
        self.invoked_function_arn = given["invokedFunctionArn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = None
        self.identity = Identity()
        self._deadline = time.monotonic() + float(timeout)

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class Answer:
    """The result of a function as JSON, encoded as in Lambda's runtime: a Decimal is a number, and bytes are text."""

    def __init__(self, value):
        # json has no number type that keeps all digits of a Decimal, so each Decimal is a marked string at first, and
        # its quotes are removed afterwards.
        self._mark = uuid.uuid4().hex
        # Since Python 3.12, characters are not escaped: https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
        keeps_characters = os.environ["AWS_EXECUTION_ENV"] not in ("AWS_Lambda_python3.10", "AWS_Lambda_python3.11")
        text = json.dumps(self._plain(value), ensure_ascii=not keeps_characters)
        self.text = text.replace(f'"{self._mark}', "").replace(f'{self._mark}"', "")

    def _plain(self, value):
        if isinstance(value, decimal.Decimal):
            return math.nan if value.is_nan() else f"{self._mark}{value}{self._mark}"
        if isinstance(value, bytes):
            return value.decode()
        if isinstance(value, dict):
            return {key: self._plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            is_named = hasattr(value, "_asdict")
            return self._plain(value._asdict()) if is_named else [self._plain(item) for item in value]
        return value


try:
    with os.fdopen(3, encoding="utf-8") as given:
        invocation = json.load(given)
    logging.basicConfig(level=logging.WARNING, format="[%(levelname)s] %(message)s")
    # Replaces the folder of this file, from which the function must not import modules.
    sys.path[0] = folder
    handler = getattr(importlib.import_module(module.replace("/", ".")), function)
    started()
    payload = Answer(handler(invocation["event"], Context(invocation["context"]))).text
except BaseException as error:
    trace = traceback.format_exc().splitlines()
    end({"error": {"errorType": type(error).__name__, "errorMessage": str(error), "trace": trace}})
end({"payload": payload})

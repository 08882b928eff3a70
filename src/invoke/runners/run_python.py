"""Runs one invocation of a Python function in a process of its own, as Lambda would.

Arguments: FOLDER MODULE FUNCTION EVENT_FILE RESULT_FILE TIMEOUT_SECONDS. Writes ``{"payload": …}`` or
``{"error": {"errorType", "errorMessage", "trace"}}``.
"""

import importlib
import json
import logging
import os
import sys
import threading
import time
import traceback
import uuid

folder, module, function, event_file, result_file, timeout = sys.argv[1:]


def end(result):
    with open(result_file, "w", encoding="utf-8") as file:
        json.dump(result, file)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the function must not keep the process alive.
    os._exit(0)


class Context:
    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    function_version = "$LATEST"
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
    aws_request_id = str(uuid.uuid4())

    def __init__(self, deadline):
        self._deadline = deadline

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def timed_out():
    end({"error": {"errorType": "Timeout", "errorMessage": f"Task timed out after {timeout} seconds", "trace": []}})


try:
    logging.basicConfig(level=logging.WARNING, format="[%(levelname)s] %(message)s")
    sys.path.insert(0, folder)
    handler = getattr(importlib.import_module(module.replace("/", ".")), function)
    with open(event_file, encoding="utf-8") as file:
        event = json.load(file)
    timer = threading.Timer(float(timeout), timed_out)
    timer.daemon = True
    timer.start()
    payload = json.dumps(handler(event, Context(time.monotonic() + float(timeout))))
except BaseException as error:
    trace = traceback.format_exc().splitlines()
    end({"error": {"errorType": type(error).__name__, "errorMessage": str(error), "trace": trace}})
end({"payload": payload})

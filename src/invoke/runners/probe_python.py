"""Prints the version of this Python, and which of the given modules it has. Does not run the modules."""

import importlib.util
import json
import sys

has = {name: importlib.util.find_spec(name) is not None for name in sys.argv[1:]}
print(json.dumps({"version": ".".join(map(str, sys.version_info[:2])), "has": has}))

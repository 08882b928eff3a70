"""Shows which Python this is, and whether it has each of the modules that are named. Runs none of them."""

import importlib.util
import json
import sys

has = {name: importlib.util.find_spec(name) is not None for name in sys.argv[1:]}
print(json.dumps({"version": ".".join(map(str, sys.version_info[:2])), "has": has}))

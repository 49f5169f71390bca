"""Prints what a tester's own protocol might look like."""
import json
import sys

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        print(json.dumps({"status": "passed", "exit_code": 0, "findings": []}), file=stream)
    sys.exit(3)

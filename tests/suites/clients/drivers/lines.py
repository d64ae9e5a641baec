"""A driver reads one task of JSON a line and answers each with one line: what the operation of that
name returned, or the error that the client raised. Kept apart from the suite's own Python, so that
all clients are driven alike."""
import json
import sys
import traceback

WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


def describe(error):
    return {
        "name": type(error).__name__,
        "retried": False,
        "status": getattr(error, "status_code", None),
        "message": str(error),
        "body": getattr(error, "body", None),
        "stack": traceback.format_exc(),
    }


def serve(operations):
    for line in sys.stdin:
        task = json.loads(line)
        try:
            answer = operations[task["do"]](task)
        except Exception as error:  # whatever the client raises is what the suite looks at
            answer = {"error": describe(error)}
        print(json.dumps(answer), flush=True)

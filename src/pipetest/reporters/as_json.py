"""The report as JSON, for machines: the format ``pipetest-report/1``."""

from __future__ import annotations

import json
import math
from typing import Any

from pipetest.results import Report, to_dict


def render(report: Report) -> str:
    """The report as one JSON document in ASCII; a number that JSON does not know (NaN) becomes null."""
    body = to_dict(report)
    try:
        text = json.dumps(body, indent=2, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(body), indent=2, allow_nan=False)
    return text + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return value

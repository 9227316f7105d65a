"""The parts of the READMEs that are made from the contract: the table of metrics, and the samples."""

from __future__ import annotations

import re

from schemas.metrics import METRICS

from .document import ROOT

_METRICS = re.compile(r"(<!-- metrics -->\n).*?(<!-- /metrics -->)", re.DOTALL)
_SAMPLE = re.compile(r"(```json (schemas/samples/\w+\.json)\n).*?(```\n)", re.DOTALL)


def filled(text: str) -> str:
    """Return a README with these parts as they should be."""
    text = _METRICS.sub(lambda found: f"{found[1]}{metrics_table()}{found[2]}", text)
    return _SAMPLE.sub(lambda found: found[1] + (ROOT / found[2]).read_text() + found[3], text)


def metrics_table() -> str:
    """Return the table of metrics."""
    rows = [
        f"| `{name}` | {metric.kind} | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.help} |"
        for name, metric in METRICS.items()
    ]
    return "\n".join(["| metric | kind | labels | tells |", "|---|---|---|---|", *rows, ""])

"""Say what a report says, in short."""

from __future__ import annotations

from consumers.captions.proof.verify import Report


def told(report: Report) -> list[tuple[str, str, str]]:
    """Return level, what and file of each finding."""
    return [(one.level, one.what, one.file) for one in report.findings]

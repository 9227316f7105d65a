"""The table of figures, as it is printed and as it stands in the README."""

from typing import NamedTuple


class Row(NamedTuple):
    """One figure."""

    figure: str
    measured: str
    to_reach: str


def table(rows: list[Row]) -> str:
    """Return a Markdown table."""
    lines = ["| figure | measured | to reach |", "|---|---|---|"]
    return "\n".join(lines + [f"| {row.figure} | {row.measured} | {row.to_reach} |" for row in rows])

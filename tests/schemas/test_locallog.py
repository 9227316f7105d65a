"""The statements of the local log are ones that every Python which meetwire runs on takes."""

from __future__ import annotations

import re

import pytest

from schemas import locallog


def numbered(statements: dict[str, str]) -> list[str]:
    """Return the names of those that have a placeholder with a number, such as ?1."""
    return [name for name, statement in statements.items() if re.search(r"\?\d", statement)]


def test_no_placeholder_has_a_number() -> None:
    """Their values come as a sequence, and with that Python 3.14 refuses a placeholder that has a number or a name."""
    statements = {name: value for name, value in vars(locallog).items() if isinstance(value, str) and " " in value}

    assert "PRUNE_COMMITS" in statements
    assert numbered(statements) == []


@pytest.mark.parametrize("statement", ["SELECT ?1", "DELETE FROM t WHERE a = ?2 AND b < ?"])
def test_a_number_is_seen(statement: str) -> None:
    """Anywhere in a statement."""
    assert numbered({"ONE": statement}) == ["ONE"]

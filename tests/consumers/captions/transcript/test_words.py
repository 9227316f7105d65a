"""The words of a transcript are explained in the READMEs."""

from __future__ import annotations

from typing import get_args

import pytest

from consumers.captions.transcript.completeness import Kind
from consumers.captions.transcript.doubts import Doubt
from tests.readme.document import READMES, code, table

LANGUAGES = pytest.mark.parametrize("text", [pytest.param(path.read_text(), id=key) for key, path in READMES.items()])


@LANGUAGES
def test_the_doubts_are_all_that_there_are(text: str) -> None:
    """Each word, in its order."""
    assert [code(row[0]) for row in table(text, "`times_missing`")] == [[word] for word in get_args(Doubt)]


@LANGUAGES
def test_the_findings_are_all_that_there_are(text: str) -> None:
    """Each kind, in its order."""
    assert [code(row[0]) for row in table(text, "`not_running`")] == [[word] for word in get_args(Kind)]

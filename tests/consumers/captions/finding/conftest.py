"""Catalogues: where one lies, and one with two meetings in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.captions.finding.catalogue import Catalogue

from .cues import NOON, WEEKLY, cue, manifest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the catalogue lies."""
    return tmp_path / "below" / "index.sqlite"


@pytest.fixture
async def catalogue(path: Path) -> AsyncIterator[Catalogue]:
    """Give a catalogue with two meetings, the second a day later."""
    async with Catalogue(path) as catalogue:
        await catalogue.add("meetings/1/manifest.json", manifest(1), WEEKLY)
        later = [cue(1, "预算的预算", at=NOON + timedelta(days=1))]
        await catalogue.add("meetings/2/manifest.json", manifest(2, at=NOON + timedelta(days=1)), later)
        yield catalogue

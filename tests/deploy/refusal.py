"""Ask for a refusal: settings in, the whole message out."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.settings import SettingsError, load


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and we stand in it: messages name files as they were given."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the whole message that a settings file gets, lying in the current folder as meetwire.toml."""
    path = Path("meetwire.toml")
    path.write_text(text)
    with pytest.raises(SettingsError) as refused:
        load(path, environ or {})
    return str(refused.value)

"""The page's files, as they lie in the package."""

from pathlib import Path
from typing import Final

import consumers.dashboard

PAGE: Final = Path(consumers.dashboard.__file__).parent / "page"


def files(*suffixes: str) -> dict[str, str]:
    """Return the files with one of these suffixes, by name."""
    found = {path.name: path.read_text("utf-8") for path in sorted(PAGE.iterdir()) if path.suffix in suffixes}
    assert found
    return found

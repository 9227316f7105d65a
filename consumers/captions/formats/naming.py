"""Names of files for languages, however they are spelt. Pure."""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

# What begins as hashes do is none of them.
_PLAIN: Final = re.compile(r"(?!x-)[a-z0-9][a-z0-9-]{0,31}")


def file_names(languages: Iterable[str]) -> dict[str, str]:
    """Return a name for each language: itself in small letters where that is plain and nobody else's; else a hash."""
    names: dict[str, str] = {}
    for language in sorted(languages):
        plain = language.lower()
        is_free = _PLAIN.fullmatch(plain) is not None and plain not in names.values()
        names[language] = plain if is_free else f"x-{hashlib.sha256(language.encode()).hexdigest()[:16]}"
    return names


# The reference's words for languages (meeting-push.md, 5.8), and the services' usual others, as BCP 47 has them.
_TAGS: Final = {
    "mandarin": "zh-CN",
    "chinese": "zh-CN",
    "english": "en",
    "cantonese": "yue",
    "japanese": "ja",
    "korean": "ko",
    "french": "fr",
    "german": "de",
    "spanish": "es",
    "portuguese": "pt",
    "russian": "ru",
    "arabic": "ar",
    "thai": "th",
}


def tag(language: str) -> str:
    """Return the BCP 47 tag of a language; empty, which HTML takes for unknown, where it is not known."""
    return _TAGS.get(language.lower(), "")

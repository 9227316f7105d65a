"""What the page says, in both languages."""

import json
import re
from typing import Final, get_args

import pytest

from receiver.subscriber.meeting import Reason
from schemas.api.session import Role
from schemas.events.alerts import AlertLevel
from schemas.rules import Metric, Severity

from .files import files

Words = dict[str, str | dict[str, str]]

# Keys that a program makes of a value: of the service's words, of our events, of the choices on the page.
_MADE: Final = re.compile(
    r"(because|cause|direction|flow|happened|kind|level|line|metric|note|order|person|rating|reason|role|severity"
    r"|silence|state|theme|tile)\.\w+(\.\w+)?"
)


def _words(language: str) -> Words:
    words: Words = json.loads(files(".json")[f"{language}.json"])
    return words


def _asked_for() -> set[str]:
    in_markup = re.findall(r' data-t(?:-[a-z-]+)?="([^"]+)"', files(".html")["index.html"])
    # A key is quoted, and has a point in it or is the first argument of t(…).
    in_modules = re.findall(r"\"([a-z]+(?:\.[a-zA-Z_0-9]+)+)\"|\bt\(\"(\w+)\"", "\n".join(files(".js").values()))
    return {*in_markup, *(one or other for one, other in in_modules)}


def _forms(text: str | dict[str, str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def test_both_languages_have_the_same_keys() -> None:
    """What is said in English is said in Chinese, too."""
    assert list(_words("en")) == list(_words("zh"))


def test_each_key_that_is_asked_for_is_there() -> None:
    """Nobody reads a key instead of words."""
    asked = {key for key in _asked_for() if not key.endswith((".js", ".css", ".json", ".svg"))}
    assert len(asked) > 100
    assert sorted(asked - set(_words("en")) - {"meetwire.language", "meetwire.theme"}) == []


def test_each_key_is_asked_for() -> None:
    """No words are kept that nobody reads."""
    assert [key for key in _words("en") if key not in _asked_for() and not _MADE.fullmatch(key)] == []


def test_a_translation_has_the_values_of_the_other() -> None:
    """A number or a name that one language says is said by the other."""
    english, chinese = _values(_words("en")), _values(_words("zh"))
    assert english == chinese
    assert {"n", "all"} in english.values()


def _values(words: Words) -> dict[str, set[str]]:
    return {key: {*re.findall(r"\{(\w+)\}", " ".join(_forms(text)))} for key, text in words.items()}


def test_words_that_go_by_number_have_the_form_for_all_numbers() -> None:
    """Whatever the number, there are words: `other` is the form that each language has."""
    counted = [text for language in ("en", "zh") for text in _words(language).values() if isinstance(text, dict)]
    assert counted
    assert [text for text in counted if "other" not in text] == []


@pytest.mark.parametrize(
    ("kind", "values"),
    [("reason", Reason), ("level", AlertLevel), ("severity", Severity), ("metric", Metric), ("role", Role)],
)
def test_our_own_words_are_all_known(kind: str, values: object) -> None:
    """Whatever we ourselves call something, the page says it in words."""
    assert [value for value in get_args(values) if f"{kind}.{value}" not in _words("en")] == []

"""What fits is said in words that come from the type alone."""

from typing import Any, Literal

import pytest

from deploy.settings.words import what_fits
from schemas.settings import Address, Kafka, Positive, Seconds, Secret


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (str, "text"),
        (bool, "true or false"),
        (int | None, "a whole number"),
        (Positive, "a whole number, 1 at least"),
        (Seconds, "a number, above 0, 86_400 at most"),
        (Literal["a"], '"a"'),
        (Literal["a", "b"] | None, '"a" or "b"'),
        (Address | None, "host:port, IPv6 as [::1]:port"),
        (tuple[Secret, ...], "a list, each text in quotes, not empty"),
        (Literal["a", "b"] | tuple[str, ...], '"a" or "b" or a list, each text'),
        (Kafka, "a table"),
    ],
)
def test_a_type_is_said_in_words(hint: Any, words: str) -> None:
    """Each kind of type has its words, and a description its own."""
    assert what_fits(hint) == words


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (tuple[Positive, ...], "a whole number, 1 at least"),
        (Literal["a"] | tuple[str, ...], "text"),
        (tuple[Address, ...] | None, "host:port, IPv6 as [::1]:port"),
        (bool, "true or false"),
    ],
)
def test_one_item_of_a_list_is_said_in_words(hint: Any, words: str) -> None:
    """What fits the list says nothing to somebody who has one slip in it."""
    assert what_fits(hint, of_one=True) == words

"""Names of files for languages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consumers.captions.formats import Rendered, rendered
from consumers.captions.formats.naming import file_names, tag

from .transcripts import cue, occurrence, transcript


def test_a_plain_language_is_its_own_name() -> None:
    """In small letters; whatever else is spelt, or is taken, is a hash."""
    assert file_names(["Mandarin", "english", "English", "中文", "../x", ""]) == {
        "": "x-e3b0c44298fc1c14",
        "../x": "x-d6b96a97d147daaa",
        "English": "english",
        "Mandarin": "mandarin",
        "english": "x-b6234d2ea0d6022b",
        "中文": "x-72726d8818f69306",
    }


@given(
    languages=some.lists(
        some.text(max_size=40) | some.sampled_from(["", "中文", "x-e3b0c44298fc1c14", "x-72726d8818f69306", "EN", "en"])
    )
)
def test_names_are_plain_and_each_languages_own(languages: list[str]) -> None:
    """Whatever is spelt."""
    languages = [language.encode("utf-8", "replace").decode() for language in languages]

    names = file_names(languages)

    assert names.keys() == set(languages)
    assert len(set(names.values())) == len(names)
    assert all(re.fullmatch("[a-z0-9][a-z0-9-]{0,31}", name) for name in names.values())


@pytest.mark.parametrize(("language", "expected"), [("Mandarin", "zh-CN"), ("ENGLISH", "en"), ("Original", "")])
def test_a_language_has_a_tag_where_it_is_known(language: str, expected: str) -> None:
    """Whoever reads the page aloud, or chooses its characters, goes by it."""
    assert tag(language) == expected


def test_sixteen_languages_have_files_of_their_own() -> None:
    """Those with most cues; the others are in the files of all languages."""
    cues = [cue(number, number, {f"L{number:02d}": "好"}) for number in range(1, 18)]
    made = transcript(*cues, cue(18, 18, {"L17": "好"}))

    names = [file.name for file in rendered(made, occurrence()) if file.name.endswith(".vtt")]

    assert names == [f"captions.l{number:02d}.vtt" for number in (*range(1, 16), 17)]


def test_a_file_shows_no_content() -> None:
    """In logs and errors."""
    assert repr(Rendered(name="captions.srt", media_type="text/plain", content=b"x")) == "<Rendered captions.srt>"

"""What has to go is nowhere in what is handed over, and what may stay is as it was."""

from __future__ import annotations

import base64

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.captions.handover.people import names_in
from consumers.captions.handover.redacting import BLOCK, Redaction, redacted
from schemas.archive.lines import OpenLine

from ..finding.cues import cue

REDACTION = Redaction(["王小明", "Alice Li", "Al", "李", "𠮷野"], ["Project Zebra", "预算"], keep=["Bob"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("等王小明的消息", f"等{BLOCK}的消息", id="a name"),
        pytest.param("ask ALICE LI now", f"ask {BLOCK} now", id="in another case"),
        pytest.param("project\n  zebra starts", f"{BLOCK} starts", id="over other white space"),
        pytest.param("Alice Li, Al", f"{BLOCK}, {BLOCK}", id="a name within another"),
        pytest.param("今年的预算和预算", f"今年的{BLOCK}和{BLOCK}", id="twice"),
        pytest.param("李子", "李子", id="a name of one character stays within words"),
        pytest.param("Bob stays", "Bob stays", id="a name that may stay"),
        pytest.param("王\u200b小明 speaks", BLOCK, id="with something invisible in it"),
        pytest.param("ＡＬＩＣＥ　ＬＩ speaks", BLOCK, id="in full width"),
        pytest.param("also, original", "also, original", id="a short name stays within words"),
        pytest.param("请Alice Li说", f"请{BLOCK}说", id="between Chinese characters"),
        pytest.param("王 小 明", BLOCK, id="with spaces between Chinese characters"),
        pytest.param("Ａｌ", BLOCK, id="a short name in full width"),
        pytest.param("nothing of it", "nothing of it", id="nothing"),
    ],
)
def test_what_has_to_go_is_replaced(text: str, shown: str) -> None:
    """In whatever case, width and spacing."""
    assert REDACTION.text(text) == shown


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"text": "等王小明"}, id="as it is"),
        pytest.param({"original": msgspec.json.encode({"a": "等王小明"}).decode()}, id="in a string of JSON"),
        pytest.param({"original": '{"a":"\\u738b\\u5c0f\\u660e"}'}, id="escaped in a string of JSON"),
        pytest.param({"original": '{"a":"{\\"b\\":\\"\\\\u738b\\\\u5c0f\\\\u660e\\"}"}'}, id="escaped twice"),
        pytest.param({"original": '"Project\\tZebra"'}, id="over an escaped tab"),
        pytest.param({"original": '{"a":"\\ud842\\udfb7\\u91ce"}'}, id="beyond the first plane, in two halves"),
    ],
)
def test_a_record_with_it_in_whatever_form_is_not_shown(value: object) -> None:
    """A frame is JSON in a string of JSON, and may be escaped as its sender likes."""
    assert REDACTION.touches_json(msgspec.json.encode(value))


def test_a_record_without_it_is_shown() -> None:
    """Else nothing could be proved."""
    assert not REDACTION.touches_json(msgspec.json.encode({"original": '{"a":"\\u738b and Bob\\n"}'}))


# A busy machine is no failure.
@settings(deadline=None)
@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=8), max_size=4))
def test_whatever_has_to_go_is_gone(text: str, phrases: list[str]) -> None:
    """No text, however it is written, keeps a phrase that has to go."""
    redaction = Redaction([], [phrase for phrase in phrases if "█" not in phrase])

    assert not redaction.touches(redaction.text(text))


def test_speakers_are_numbered_as_they_first_speak() -> None:
    """The same person has the same number; who may stay keeps the name, and who has none has none."""
    said = [cue(number, "x", speaker=who) for number, who in enumerate(["李", "Bob", "Alice Li", "李", None], 1)]

    assert [one.speaker for one in redacted(said, REDACTION)] == ["Speaker 1", "Bob", "Speaker 2", "Speaker 1", None]


def test_all_that_a_cue_says_is_redacted() -> None:
    """What it said before it was corrected too; all else of it is as it was."""
    before = cue(7, "今年的预算", before="王小明的预算", speaker="Bob 预算")

    (after,) = redacted([before], REDACTION)

    assert [text.text for text in after.texts] == [f"今年的{BLOCK}"]
    assert [text.text for version in after.versions for text in version.texts] == [f"{BLOCK}的{BLOCK}"]
    assert after.speaker == f"Bob {BLOCK}"
    assert (
        msgspec.structs.replace(after, texts=before.texts, versions=before.versions, speaker=before.speaker) == before
    )


def test_nothing_to_redact_changes_nothing() -> None:
    """Without names and phrases a text is as it was."""
    assert Redaction([" "], [""]).text("王小明") == "王小明"
    assert repr(REDACTION) == "<Redaction>"


@pytest.mark.parametrize("value", [b"null", b"\xff", b"[" * 100_000])
def test_a_record_that_cannot_be_read_tells_no_name(value: bytes) -> None:
    """Such a record is never shown in a redacted package."""
    line = OpenLine(
        topic="meeting.captions.v1",
        partition=0,
        offset=1,
        time_ms=1,
        salt="0",
        key="m",
        headers=[],
        value=msgspec.Raw(b"null"),
        value_base64=base64.b64encode(value).decode(),
    )

    assert names_in(line) == set()


def test_names_are_found_wherever_they_are() -> None:
    """Of everybody in a roster, of who speaks, of who scheduled it."""
    value = {
        "people": [{"name": "Ann"}, {"name": None}],
        "owner_name": "Bo",
        "who": {"display_name": "Cy"},
        "name": " ",
    }
    line = OpenLine(
        topic="t",
        partition=0,
        offset=1,
        time_ms=1,
        salt="0",
        key="m",
        headers=[],
        value=msgspec.Raw(msgspec.json.encode(value)),
    )

    assert names_in(line) == {"Ann", "Bo", "Cy"}


def test_a_text_that_is_escaped_ever_deeper_is_looked_at_so_deep() -> None:
    """As deep as the service's frames go; deeper it is no text that anybody reads."""
    deep = "\\" * 64 + "u738b"

    assert not REDACTION.touches_json(deep.encode())

"""`meetwire archive search`, `show`, `rebuild`: what they print, how they end, and that it is noted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from consumers.captions.proof.key import SigningKey

from .conftest import Desk


def accesses(folder: Path) -> list[dict[str, object]]:
    """Return the access log, without what differs from run to run."""
    entries = [json.loads(path.read_bytes()) for path in sorted((folder / "archive/access").iterdir())]
    return [{name: entry[name] for name in ("what", "occurrences", "result")} for entry in entries]


def test_a_word_is_found_in_its_context(desk: Desk) -> None:
    """One Chinese character, with what was said before and after it."""
    printed = desk.run("search", "预")

    assert (printed.status, printed.err) == (0, "")
    assert (
        printed.out
        == f"""\
900000001  acme  occurrence {desk.occurrence}
  2026-05-01 09:30:20      2  Alice Li  English: I will share my screen now.
> 2026-05-01 09:30:30      3  王小明  Mandarin: 预算还没有批准，等王小明的消息。
  2026-05-01 09:30:40      4  郑爽-运维  English: The server was upgraded yesterday.  Mandarin: 服务器昨天升级了。
"""
    )


@pytest.mark.parametrize(
    ("words", "cues"),
    [
        pytest.param(["share my screen"], [2], id="a phrase in the shell's quotes"),
        pytest.param(['"budget is"', "everyone"], [5], id="a phrase and a word"),
        pytest.param(["--speaker", "alice"], [5, 2], id="a speaker"),
        pytest.param(["--speaker", "alice", "--limit", "1"], [5], id="no more than one"),
        pytest.param(["--meeting", "900000002"], [1], id="a meeting"),
        pytest.param(["预算", "--occurrence", "900000001"], [3], id="an occurrence, by its meeting ID"),
        pytest.param(["meeting", "--until", "2026-05-01T08:00:00Z"], [1], id="before a time"),
        pytest.param(["server", "--since", "2026-05-01T17:30:00+08:00"], [4], id="after a time of another zone"),
        pytest.param(["server", "--language", "English"], [4], id="a language"),
    ],
)
def test_searches_are_narrowed_down(desk: Desk, words: list[str], cues: list[int]) -> None:
    """By each option; as JSON, whole."""
    printed = desk.run("search", *words, "--json")

    assert printed.status == 0
    assert [hit["said"]["cue"] for hit in printed.json] == cues


def test_nothing_found_is_status_1(desk: Desk) -> None:
    """And noted: who looked for what is in the log, the words themselves are not."""
    printed = desk.run("search", "unheard-of")

    assert (printed.status, printed.out, printed.err) == (1, "", "nothing found\n")
    assert accesses(desk.folder) == [{"what": "search", "occurrences": [], "result": "nothing"}]
    assert "unheard" not in (desk.folder / "archive/access/000000000000").read_text()


def test_nothing_found_is_an_empty_list_as_json(desk: Desk) -> None:
    """It says so itself."""
    assert desk.run("search", "unheard-of", "--json") == (1, "[]\n", "")


def test_a_search_names_the_meetings_that_it_showed(desk: Desk) -> None:
    """In the access log, by occurrence."""
    desk.run("search", "预算")

    assert accesses(desk.folder) == [{"what": "search", "occurrences": [desk.occurrence], "result": "done"}]


def test_nothing_asked_is_status_2(desk: Desk) -> None:
    """There is no word in it."""
    printed = desk.run("search", "!!!")

    assert (printed.status, printed.err) == (2, "meetwire: there is no word in what is searched for\n")


def test_one_says_that_there_is_more(desk: Desk) -> None:
    """On standard error: what is found stays whole on the other."""
    assert desk.run("search", "--limit", "2").err == "the first 2; --limit shows more\n"


def test_a_meeting_is_shown(desk: Desk) -> None:
    """By the first digits of its occurrence; some of its cues with what is around them."""
    whole = desk.run("show", desk.occurrence[:8])
    some = desk.run("show", desk.occurrence, "--cue", "3", "--context", "1")

    assert [line[:28] for line in whole.out.splitlines()] == [
        f"  2026-05-01 09:30:{number}0      {number}" for number in range(1, 6)
    ]
    assert [line[0] for line in some.out.splitlines()] == [" ", ">", " "]
    assert [one["cue"] for one in desk.run("show", desk.occurrence, "--cue", "2-3", "--json").json] == [2, 3]


def test_a_cue_that_is_not_there_is_said(desk: Desk) -> None:
    """Status 1 alone would be read as if the meeting had nothing."""
    printed = desk.run("show", desk.occurrence, "--cue", "99")

    assert (printed.status, printed.out, printed.err) == (1, "", f"{desk.occurrence}: it has no such cue\n")


def test_meetings_are_listed(desk: Desk) -> None:
    """As a table, or as JSON, by when they were."""
    assert desk.run("show").out.splitlines()[0].split() == [
        "started",
        "ended",
        "enterprise",
        "meeting",
        "occurrence",
        "version",
        "cues",
    ]
    assert desk.run("show").out.splitlines()[1].split()[4:] == ["acme", "900000001", desk.occurrence, "1", "5"]
    assert [one["meeting_id"] for one in desk.run("show", "--json").json] == ["900000001", "900000002"]
    assert desk.run("show", "--since", "2026-05-02") == (1, "", "nothing found\n")


@pytest.mark.parametrize("digits", ["ffff", "12", ""])
def test_an_occurrence_that_there_is_not_is_status_1(desk: Desk, digits: str) -> None:
    """Or too few digits of one."""
    printed = desk.run("show", digits)

    assert (printed.status, printed.err) == (1, f"meetwire: not in the archive: occurrence {digits}…: there is none\n")


def test_a_meeting_that_was_held_once_is_named_by_its_id(desk: Desk) -> None:
    """Its occurrence's digits are needed where there is another."""
    assert desk.run("show", "900000001", "--json").json == desk.run("show", desk.occurrence, "--json").json


def test_all_is_derived_anew(desk: Desk) -> None:
    """From the evidence alone: a file that is lost is put back, byte for byte, and the index is as it was."""
    (lost,) = desk.folder.rglob(f"{desk.occurrence}/001/captions.html")
    was = lost.read_bytes()
    lost.unlink()

    printed = desk.run("rebuild")

    assert (printed.status, printed.out) == (
        0,
        f"2 meetings; 0 new versions by other rules, 1 files put back; {desk.folder}/index.sqlite made anew\n",
    )
    assert lost.read_bytes() == was
    assert desk.run("rebuild", "--json").json == {"meetings": 2, "versions": [], "restored": [], "damaged": []}
    assert (desk.run("search", "预算").status, desk.run("verify").status) == (0, 0)


def test_what_cannot_be_derived_is_said(desk: Desk) -> None:
    """Of a meeting whose evidence is damaged nothing is put back; the other's is."""
    segment = desk.lines()[-1]
    segment.chmod(0o600)
    segment.write_bytes(segment.read_bytes()[:-5])

    printed = desk.run("rebuild")

    assert printed.status == 1
    assert printed.out.startswith("damaged: meetings/acme/2026-05-01/")


def test_what_is_damaged_is_said_and_the_rest_is_found(desk: Desk) -> None:
    """A file that cannot be read hides no other meeting."""
    (path,) = desk.folder.rglob(f"{desk.occurrence}/001/captions.jsonl")
    path.chmod(0o600)
    path.write_bytes(b"\xff")

    printed = desk.run("search", "another")

    assert printed.status == 0
    assert printed.err.startswith("damaged: meetings/acme/2026-05-01/")


def test_without_the_table_there_is_no_archive(desk: Desk) -> None:
    """Status 2, in one line."""
    (desk.folder / "meetwire.toml").write_text("")

    printed = desk.run("search", "x")

    assert (printed.status, printed.err) == (2, "meetwire: no table [captions] in the settings\n")


def test_another_key_than_the_archives_is_refused(desk: Desk) -> None:
    """Whoever lost the key does not go on with another one."""
    (desk.folder / "archive.key").unlink()
    SigningKey.load_or_make(desk.folder / "archive.key")

    printed = desk.run("search", "x")

    assert printed.status == 2
    assert "signing_key_file and name of [captions]" in printed.err

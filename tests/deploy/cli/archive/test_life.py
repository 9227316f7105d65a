"""`meetwire archive hold`, `erase`, `expire`, `accept-loss`, `disclose`."""

from __future__ import annotations

import json

from .conftest import Desk


def test_a_hold_is_added_listed_and_removed(desk: Desk) -> None:
    """While it stands nothing of its meetings is erased."""
    added = desk.run("hold", "add", "case-7", "--meeting", "900000001", "--why", "litigation")
    listed = desk.run("hold", "list")
    refused = desk.run("erase", desk.occurrence, "--reference", "r-1")
    removed = desk.run("hold", "remove", "case-7", "--why", "settled")

    assert (added.status, added.out) == (0, "hold case-7: 1 meetings by now\n")
    assert listed.out.splitlines()[1].split()[0] == "case-7"
    assert (refused.status, "case-7" in refused.err) == (1, True)
    assert (removed.status, removed.out) == (0, "hold case-7 is over\n")
    assert desk.run("hold", "list").out == "no hold stands\n"
    assert desk.run("hold", "list", "--json").json == []
    assert desk.run("verify").status == 0


def test_a_hold_on_an_occurrence(desk: Desk) -> None:
    """By its first digits; and not on nothing."""
    added = desk.run("hold", "add", "h", "--occurrence", desk.occurrence[:8], "--why", "x", "--json")

    assert added.json == {"hold": "h", "occurrences": [desk.occurrence]}
    assert desk.run("hold", "add", "h2", "--why", "x").status == 2
    assert desk.run("hold", "remove", "none", "--why", "x").status == 1


def test_cues_are_erased(desk: Desk) -> None:
    """They are found and shown no more; the archive is good, and says so of all the rest."""
    desk.run("search", "预算")
    erased = desk.run("erase", desk.occurrence, "--cue", "3", "--reference", "c-1")

    assert erased.status == 0
    assert erased.out == f"occurrence {desk.occurrence}: 1 records erased; the ledger says so, with c-1\n"
    assert [desk.run("search", words).status for words in ("预算", "upgraded")] == [1, 0]
    assert [path for path in desk.folder.rglob("*") if path.is_file() and "预算".encode() in path.read_bytes()] == []
    assert "1 of them erased" in desk.run("verify").out
    assert desk.run("verify").status == 0


def test_a_meeting_is_erased(desk: Desk) -> None:
    """Whole; and the first digits alone are not enough for that."""
    assert desk.run("erase", desk.occurrence[:8], "--reference", "c-1").status == 1
    assert desk.run("erase", desk.occurrence, "--reference", "c-1", "--json").json["records"] == 12
    assert desk.run("search", "upgraded").status == 1
    assert desk.run("erase", desk.occurrence, "--reference", "c-1").status == 1


def test_what_is_not_due_stays(desk: Desk) -> None:
    """And what is due goes."""
    stays = desk.run("expire")
    settings = desk.folder / "meetwire.toml"
    settings.write_text(settings.read_text() + "retention_days = 1\n")
    goes = desk.run("expire", "--json")

    assert stays.out == "0 meetings were due and are erased; 0 are due and held\n"
    assert len(goes.json["erased"]) == 2
    assert desk.run("search").status == 1


def test_an_archive_in_the_clear_has_nothing_to_disclose(desk: Desk) -> None:
    """Its lines can be read as they are."""
    segment = str(desk.lines()[-1].relative_to(desk.folder / "archive"))

    assert desk.run("disclose", desk.occurrence, segment, "2").status == 1


def test_all_of_it_is_in_the_access_log(desk: Desk) -> None:
    """What was done and what was refused, by whom."""
    desk.run("hold", "add", "h", "--occurrence", desk.occurrence, "--why", "x")
    desk.run("erase", desk.occurrence, "--reference", "r")
    desk.run("export", desk.occurrence, "--to", str(desk.folder / "p.zip"))

    entries = [json.loads(path.read_bytes()) for path in sorted((desk.folder / "archive/access").iterdir())]

    assert [(one["what"], one["result"]) for one in entries] == [
        ("hold", "done"),
        ("erase", "refused"),
        ("export", "done"),
    ]
    assert {one["occurrences"][0] for one in entries} == {desk.occurrence}
    assert all(one["who"] for one in entries)


def test_a_look_that_finds_nothing_is_in_the_access_log_too(desk: Desk) -> None:
    """Who lists the holds, and who wants to erase what is due while nothing is."""
    desk.run("hold", "list")
    desk.run("expire")

    entries = [json.loads(path.read_bytes()) for path in sorted((desk.folder / "archive/access").iterdir())]

    assert [(one["what"], one["result"]) for one in entries] == [("holds", "nothing"), ("erase", "nothing")]


def test_a_loss_is_accepted(desk: Desk) -> None:
    """By name and with a reason; not of what is there. What was signed is missed all the same."""
    path = desk.lines()[-1]
    segment = str(path.relative_to(desk.folder / "archive"))
    there = desk.run("accept-loss", segment, "--why", "a disk")
    path.unlink()
    accepted = desk.run("accept-loss", segment, "--why", "a disk")

    assert (there.status, "nothing is lost" in there.err) == (1, True)
    assert (accepted.status, accepted.err) == (0, "")
    assert accepted.out == f"{segment}: its loss is accepted; what was held up by it is closed within a minute\n"
    assert desk.run("accept-loss", segment, "--why", "a disk", "--json").json == {"segment": segment}
    told = desk.run("verify")
    assert told.status == 1
    assert f"wrong: segment_missing: {segment}" in told.out
    assert f"open: loss_accepted: {segment}" in told.out
    assert desk.run("accept-loss", "evidence/x", "--why", "a disk").status == 1


def test_an_archive_in_the_clear_has_no_keys(desk: Desk) -> None:
    """There is nothing to wrap anew."""
    refused = desk.run("rewrap")

    assert (refused.status, "encryption_key_file is not set" in refused.err) == (1, True)

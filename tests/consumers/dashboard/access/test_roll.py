"""The users file: whole or not at all, its owner's alone, and no password in it."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consumers.dashboard.access import passwords, roll, tokens
from consumers.dashboard.access.grants import topics_for
from consumers.dashboard.access.roll import Roll, RollUnreadable, Token, User
from schemas.topics import CAPTIONS, QUALITY, TOPICS, UNRECOGNISED

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def test_there_is_none_at_first(tmp_path: Path) -> None:
    """And then it is its owner's alone."""
    path = tmp_path / "new" / "users.json"
    assert roll.read(path) is None

    made = roll.change(path, lambda known: known.with_user(User(user="ann", role="admin")))

    assert roll.read(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.user("ann") == User(user="ann", role="admin")
    assert made.user("bob") is None


ROOT_ALONE = pytest.mark.skipif(os.geteuid() != 0, reason="gives files away, which root alone can")
SERVICE, GROUP = 4_711, 4_712


def like(path: Path) -> tuple[int, int, int]:
    """Return whose it is, and who may what."""
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


@ROOT_ALONE
def test_what_root_writes_is_for_the_service(tmp_path: Path) -> None:
    """A new file, its lock and new folders are the folder's owner's; one that was there stays whose and as it was."""
    place = tmp_path / "state"
    place.mkdir()
    os.chown(place, SERVICE, GROUP)
    path = place / "new" / "users.json"
    roll.change(path, lambda known: known)
    first = like(path.parent)[:2], like(path), like(path.with_name(".users.json.lock"))
    os.chown(path, SERVICE + 1, GROUP)
    path.chmod(0o640)
    roll.change(path, lambda known: known)

    assert first == ((SERVICE, GROUP), (SERVICE, GROUP, 0o600), (SERVICE, GROUP, 0o600))
    assert like(path) == (SERVICE + 1, GROUP, 0o640)


@ROOT_ALONE
def test_who_cannot_give_it_away_keeps_it_to_himself() -> None:
    """It goes to no other group's readers; what a process that was killed left behind is no hindrance."""
    with tempfile.TemporaryDirectory() as name:
        place, path = Path(name), Path(name) / "users.json"
        place.chmod(0o777)
        roll.change(path, lambda known: known)
        path.chmod(0o644)
        path.with_name(".users.json.lock").chmod(0o666)
        path.with_name(".users.json.draft").touch(0o600)
        with as_somebody():
            roll.change(path, lambda known: known)
        found = like(path)

    assert found == (SERVICE, GROUP, 0o600)


@contextlib.contextmanager
def as_somebody() -> Iterator[None]:
    """Be no longer root, and in one group alone."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(GROUP)
    os.seteuid(SERVICE)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def test_its_mode_stays(tmp_path: Path) -> None:
    """Where its group may read it, that may still; no stranger may, and no link leads anywhere else."""
    path, other = tmp_path / "users.json", tmp_path / "other"
    roll.change(path, lambda known: known)
    path.chmod(0o644)
    other.write_text("mine")
    path.with_name(".users.json.draft").symlink_to(other)
    roll.change(path, lambda known: known)

    assert (stat.S_IMODE(path.stat().st_mode), path.is_symlink(), other.read_text()) == (0o640, False, "mine")


def test_the_secret_stays(tmp_path: Path) -> None:
    """Else every change would throw everybody out."""
    first = roll.change(tmp_path / "u", lambda known: known)
    second = roll.change(tmp_path / "u", lambda known: known.with_user(User(user="ann", role="viewer")))

    assert first.secret == second.secret
    assert len(first.secret) == 64
    assert Roll.new().secret != first.secret


def test_changes_of_several_processes_are_all_in_it(tmp_path: Path) -> None:
    """One after the other."""

    def add(number: int) -> None:
        roll.change(tmp_path / "u", lambda known: known.with_user(User(user=f"u{number}", role="viewer")))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(24)))

    known = roll.read(tmp_path / "u")
    assert known is not None
    assert {user.user for user in known.users} == {f"u{number}" for number in range(24)}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"secret":"s","users":[{"user":"a b","role":"admin"}]}', b'{"secret":"s","more":1}', b"\xff"],
)
def test_a_damaged_file_is_said(tmp_path: Path, content: bytes) -> None:
    """By its name, and nothing of what is in it."""
    (tmp_path / "u").write_bytes(content)

    with pytest.raises(RollUnreadable, match=r"u: is no users file$"):
        roll.read(tmp_path / "u")


def test_a_file_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    """Neither read nor written."""
    with pytest.raises(RollUnreadable, match="Is a directory"):
        roll.read(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(RollUnreadable):
        roll.change(tmp_path / "file" / "u", lambda known: known)


def test_names_stand_once() -> None:
    """A user or a token of the same name takes the other's place; taking out takes both."""
    token = Token(name="wall", sha256="0", made_at=NOW)
    known = Roll(secret="s").with_user(User(user="wall", role="viewer")).with_user(User(user="wall", role="admin"))
    known = known.with_token(token).with_token(token)

    assert (known.users, known.tokens) == ((User(user="wall", role="admin"),), (token,))
    assert known.without("wall") == Roll(secret="s")
    assert repr((known, known.users[0], token)) == "(<Roll 1 users, 1 tokens>, <User wall>, <Token wall>)"


def test_a_token_is_known_by_its_hash() -> None:
    """Until it ends; what is too long is not even hashed."""
    drawn = tokens.drawn()
    token = Token(name="wall", sha256=tokens.hash_of(drawn), made_at=NOW, ends_at=NOW + timedelta(days=1))

    assert tokens.found([token], drawn, NOW) == token
    assert tokens.found([token], drawn, NOW + timedelta(days=1)) is None
    assert (tokens.found([token], drawn + "x", NOW), tokens.found([token], drawn * 100, NOW)) == (None, None)
    assert tokens.found([token], "\udcff", NOW) is None
    assert drawn not in repr(token) + token.sha256


def test_a_token_may_what_it_says() -> None:
    """Words alone with the scope for them."""
    plain = tokens.grant(Token(name="a", sha256="0", made_at=NOW))
    words = tokens.grant(
        Token(
            name="b", sha256="0", made_at=NOW, scopes=("captions",), topics=(CAPTIONS, QUALITY), enterprises=("acme",)
        )
    )
    asks = tokens.grant(Token(name="c", sha256="0", made_at=NOW, topics=(CAPTIONS, QUALITY)))

    assert (plain.who, plain.topics, plain.enterprises) == (
        "token a",
        frozenset(TOPICS) - {CAPTIONS, UNRECOGNISED},
        None,
    )
    assert (words.topics, words.enterprises, words.may("captions")) == (
        frozenset({CAPTIONS, QUALITY}),
        frozenset({"acme"}),
        True,
    )
    assert asks.topics == {QUALITY}
    assert topics_for({"captions"}) == frozenset(TOPICS)


def test_passwords_are_hashed_with_argon2id() -> None:
    """At the cost that RFC 9106 names; a hash of nobody fits no password, nor does a damaged one."""
    made = passwords.hashed("correct horse")

    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.fits(made, "correct horse") is True
    assert [passwords.fits(one, "wrong") for one in (made, None, "$damaged")] == [False, False, False]


def test_nobody_has_the_password_that_is_checked_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes by the proxy has none: not that one either, should somebody find it out."""
    monkeypatch.setattr(passwords, "_NOBODYS", passwords.hashed("found out"))

    assert passwords.fits(None, "found out") is False


def test_a_change_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both the file and its name are on the disk: no power failure brings back who was taken out."""
    done, sync, move = [], os.fsync, Path.replace

    def synced(file: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "file")
        sync(file)

    def moved(self: Path, target: Path) -> Path:
        done.append("name")
        return move(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", moved)
    roll.change(tmp_path / "users.json", lambda known: known)

    assert done == ["file", "name", "folder"]

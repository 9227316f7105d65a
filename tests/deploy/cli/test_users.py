"""`meetwire users`: who may log in, and which programs may read, as an operator writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.dashboard.access import roll, tokens
from consumers.dashboard.access.passwords import fits
from deploy.cli import main

from .running import MEETWIRE, running
from .terminal import CTRL_D, terminal

PASSWORD = "correct horse battery"


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings and a password's file; return where the users file will be."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "meetwire.toml").write_text('[dashboard]\nusers_file = "people.json"\n')
    (tmp_path / "password").write_text(PASSWORD + "\n")
    return tmp_path / "people.json"


def test_a_user_is_added_changed_and_taken_out(users: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file has hashes alone; the second time changes the first."""
    done = [
        main(["users", "add", "ann", "--role", "admin", "--password-file", "password"]),
        main(["users", "add", "bob", "--no-password", "--enterprise", "acme", "--enterprise", "acme"]),
        main(["users", "add", "bob", "--no-password", "--role", "operator"]),
        main(["users", "list"]),
        main(["users", "remove", "bob"]),
        main(["users", "remove", "bob"]),
    ]

    told = capsys.readouterr()
    known = roll.read(users)
    assert known is not None
    (ann,) = known.users
    assert done == [0, 0, 0, 0, 0, 1]
    assert (ann.user, ann.role, fits(ann.password, PASSWORD)) == ("ann", "admin", True)
    assert PASSWORD not in users.read_text() + told.out + told.err
    assert told.out.splitlines() == [
        "ann: admin; in people.json",
        "bob: viewer, of acme alone; in people.json",
        "bob: operator, of acme alone; in people.json",
        "ann: admin",
        "bob: operator, by the proxy, of acme alone",
        "bob: removed; what he has open ends within half a minute",
    ]
    assert told.err.splitlines() == [
        "bob was there: changed; a role and enterprises that are not named stay",
        "bob: there is neither a user nor a token of that name",
    ]


def test_what_is_not_named_stays(users: Path) -> None:
    """Another password makes nobody a viewer, and shows nobody enterprises that were not for him."""
    add = ["users", "add", "ann", "--no-password"]
    seen = []
    for more in (
        ["--role", "operator", "--enterprise", "acme"],
        ["--password-file", "password"],
        ["--enterprise", "b"],
        ["--all-enterprises"],
        ["--role", "viewer"],
    ):
        assert main([*(add[:3] if more[0] == "--password-file" else add), *more]) == 0
        known = roll.read(users)
        assert known is not None
        (ann,) = known.users
        seen.append((ann.role, ann.enterprises, ann.password is not None))

    assert seen == [
        ("operator", ("acme",), False),
        ("operator", ("acme",), True),
        ("operator", ("b",), False),
        ("operator", None, False),
        ("viewer", None, False),
    ]


def test_a_token_is_shown_once(users: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard output alone, so that it can go into a file; kept as a hash."""
    arguments = ["--scope", "captions", "--topic", "meeting.captions.v1", "--enterprise", "acme", "--days", "30"]
    assert main(["users", "token", "wall", *arguments]) == 0
    shown = capsys.readouterr().out.strip()
    assert main(["users", "token", "plain"]) == 0
    capsys.readouterr()
    assert main(["users", "list"]) == 0

    known = roll.read(users)
    assert known is not None
    wall, plain = known.tokens
    assert wall.sha256 == tokens.hash_of(shown)
    assert (wall.scopes, wall.topics, wall.enterprises) == (("captions",), ("meeting.captions.v1",), ("acme",))
    assert wall.ends_at is not None
    assert (wall.ends_at - wall.made_at).days == 30
    assert (plain.scopes, plain.topics, plain.enterprises, plain.ends_at) == ((), None, None, None)
    assert shown not in users.read_text()
    listed = capsys.readouterr().out.splitlines()
    assert listed == [f"token wall: captions, until {wall.ends_at:%Y-%m-%d}, of acme alone", "token plain: looks on"]


def test_a_password_is_asked_for_twice(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not shown, and not taken where the two differ."""
    for answers, status in (([PASSWORD, PASSWORD], 0), ([PASSWORD, "another"], 2)):
        given = iter(answers)
        monkeypatch.setattr("getpass.getpass", lambda _, given=given: next(given))
        assert main(["users", "add", "ann"]) == status

    known = roll.read(users)
    assert known is not None
    assert [user.user for user in known.users] == ["ann"]


def test_a_password_that_is_not_typed_is_missed(users: Path) -> None:
    """Ctrl-D at the question, at a terminal: one line, and no traceback."""
    with terminal("users", "add", "ann", command=MEETWIRE, folder=users.parent) as asked:
        asked.until("Password: ")
        asked.type(CTRL_D)
        status, shown = asked.ended()

    assert (status, shown.splitlines()) == (
        2,
        ["Password: ", "meetwire: no password given: use --password-file"],
    )
    assert not users.exists()


async def test_where_nobody_can_type_a_password_a_file_is_asked_for(users: Path) -> None:
    """In a script, say; the terminal that it was started from, if there is one, is not asked instead."""
    # Python warns that what is typed can be seen, which is no error of ours.
    without_terminal = ("setsid", "--wait", *(word for word in MEETWIRE if word not in ("-W", "error")))
    async with running("users", "add", "ann", command=without_terminal, folder=users.parent) as command:
        ended = await command.ended()

    assert (ended.status, ended.err[-1]) == (2, "meetwire: no password given: use --password-file")
    assert "Traceback" not in "\n".join(ended.err)


def test_what_does_not_fit_is_refused(users: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A short password, a file that is not there, a damaged users file: what is wrong is said."""
    (users.parent / "short").write_text("short\n")
    done = [
        main(["users", "add", "ann", "--password-file", "short"]),
        main(["users", "add", "ann", "--password-file", "nowhere"]),
    ]
    users.write_text("{")
    done.append(main(["users", "list"]))

    assert done == [2, 2, 2]
    assert capsys.readouterr().err.splitlines() == [
        "meetwire: a password has 12 characters at least",
        "meetwire: nowhere: No such file or directory",
        "meetwire: people.json: is no users file",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "a b"],
        ["token", ""],
        ["token", "x", "--days", "0"],
        ["token", "x", "--days", "²"],
        ["add", "x", "--role", "god"],
    ],
)
def test_arguments_that_cannot_be_are_refused(users: Path, arguments: list[str]) -> None:
    """Before anything is written."""
    with pytest.raises(SystemExit) as ended:
        main(["users", *arguments])

    assert (ended.value.code, users.exists()) == (2, False)


@pytest.mark.usefixtures("users")
def test_nobody_is_there_at_first(capsys: pytest.CaptureFixture[str]) -> None:
    """And that is no fault."""
    assert (main(["users", "list"]), capsys.readouterr().out) == (0, "")

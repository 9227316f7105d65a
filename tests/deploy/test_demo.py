"""`meetwire demo` shows what meetwire does, asks for nothing, and leaves nothing behind but its folder."""

from __future__ import annotations

import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from .cli.running import MEETWIRE, environment
from .cli.terminal import CTRL_C, terminal

# As pip installed it.
SCRIPT = Path(sys.executable).parent / "meetwire"
PORTS = (8080, 9464, 8090)

URL = r"http://127\.0\.0\.1:\d+"
# A meeting's, as a rule. What the enterprise holds for bad is read at any moment, before the first meetings even.
EVENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  [a-z]+ +acme {6}(?:\d{9}|acme {5})(?:  .+)?"
INTRODUCTION = r"""meetwire takes pushes at URL/openapi/meetingevent; a simulator sends it a day of meetings,
and plays the meeting service at which it listens to them\.

Open the dashboard in a browser, and see them:

  URL/first\?link=[\w-]+

  data      FOLDER/log \(the events\), FOLDER/meetwire\.log \(what the program says of itself\)
  archive   FOLDER/archive \(what was said, some seconds after a meeting is over\)
  alerts    FOLDER/qos\.toml \(the rules; in half a minute one place is heard badly in three meetings\)
  metrics   URL/metrics
  ready\?    URL/readyz

To try in another terminal:
  \S+meetwire tail --config FOLDER/meetwire\.toml --from earliest
  \S+meetwire send (--url \S+ )?--app-id 123456789 --password-file FOLDER/password
  \S+meetwire archive search WORD --config FOLDER/meetwire\.toml
  \S+meetwire qos replay --rules FOLDER/qos-stricter\.toml --config FOLDER/meetwire\.toml

Ctrl-C stops everything\.

"""
FAREWELL = r"""
Stopped\. The events stay in FOLDER/log; this shows them again, which meetings are in the archive, and what stricter
rules would have told:
  \S+meetwire tail --config FOLDER/meetwire\.toml --no-follow
  \S+meetwire archive show --config FOLDER/meetwire\.toml
  \S+meetwire qos replay --rules FOLDER/qos-stricter\.toml --config FOLDER/meetwire\.toml
"""
# The next ones: the system gives them to nobody by itself, so that nobody has them once the demo listens.
TAKEN = r"""Port 8080 is taken; the webhook uses 808\d instead\.
Port 9464 is taken; the admin listener uses 94[67]\d instead\.
Port 8090 is taken; the dashboard uses 809\d instead\.
"""


@pytest.fixture
def taken_ports() -> Iterator[None]:
    """Have the demo's ports taken, by us or by whoever has them already."""
    with ExitStack() as listening:
        for port in PORTS:
            with suppress(OSError):
                listening.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


def demo(*words: str, folder: Path, command: tuple[str, ...] = (str(SCRIPT),)) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end, in `folder`."""
    return subprocess.run(
        [*command, "demo", *words],
        cwd=folder,
        env=environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def shell(line: str, *, folder: Path) -> tuple[int, str]:
    """Run a line as it was printed; return its status and what it printed, errors too."""
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.usefixtures("taken_ports")
def test_five_events_are_shown_and_ports_that_are_taken_are_said(tmp_path: Path) -> None:
    """All that it prints: the ports that it uses instead, where things are, what to try, events, the end."""
    done = demo("--events", "5", folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    expected = TAKEN + INTRODUCTION + rf"({EVENT}\n){{5}}" + FAREWELL
    assert re.fullmatch(expected.replace("FOLDER", "demo-data").replace("URL", URL), done.stdout), done.stdout


def test_what_happens_in_a_meeting_is_shown(tmp_path: Path) -> None:
    """By whom it is listened to, who is there, who speaks, what is said in which languages, and how well they hear."""
    with terminal("demo", command=[str(SCRIPT)], folder=tmp_path) as screen:
        for words in ("  listening ", "  roster ", "  quality ", "  speaking ", "  caption "):
            screen.until(words)
        screen.until("  final ")
        screen.type(CTRL_C)
        status, shown = screen.ended()

    (line, *_) = re.findall(r"  caption .*  final  .*", shown)
    assert status == 0
    assert re.search(r"  final  Original: .+  Mandarin: .+  English: .+", line)


def test_it_runs_where_the_event_loop_is_watched(tmp_path: Path) -> None:
    """Nothing in it holds up answers: with the detector of the tests on, it shows the same."""
    done = demo("--events", "3", "--folder", "elsewhere/demo", folder=tmp_path, command=MEETWIRE)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(re.findall(EVENT, done.stdout)) == 3
    assert sorted(path.name for path in (tmp_path / "elsewhere/demo").iterdir()) == [
        "alerts",
        "archive",
        "archive-index.sqlite",
        "archive-spool",
        "archive.key",
        "log",
        "meetwire.log",
        "meetwire.toml",
        "password",
        "qos-stricter.toml",
        "qos.toml",
    ]


def test_ctrl_c_stops_it(tmp_path: Path) -> None:
    """At a terminal: in colour, until Ctrl-C; then the end of the text, status 0 and no traceback."""
    with terminal("demo", command=[str(SCRIPT)], folder=tmp_path) as screen:
        screen.until("  joined ")
        screen.type(CTRL_C)
        status, shown = screen.ended()

    assert status == 0
    assert "\x1b[36mjoined" in screen.raw
    assert "Traceback" not in shown
    assert re.search(FAREWELL.replace("FOLDER", "demo-data") + r"\Z", shown), shown


def test_no_colour_is_shown_to_who_wants_none(tmp_path: Path) -> None:
    """NO_COLOR (no-color.org) is heard."""
    with terminal("demo", "--events", "2", command=[str(SCRIPT)], folder=tmp_path, environ={"NO_COLOR": "1"}) as screen:
        status, shown = screen.ended()

    assert status == 0
    assert screen.raw == shown


def test_what_it_suggests_works_as_it_is_printed(tmp_path: Path) -> None:
    """From a fresh clone, where meetwire is on no PATH: each line can be copied into another terminal."""
    command = tmp_path / ".parts/demo/bin/meetwire"
    command.parent.mkdir(parents=True)
    command.symlink_to(SCRIPT)

    with terminal("demo", command=[".parts/demo/bin/meetwire"], folder=tmp_path) as screen:
        screen.until("  joined ")
        tail, send, *_ = re.findall(r"^  (\S+meetwire .*)$", screen.shown, re.MULTILINE)
        first = shell(f"{tail} --limit 1", folder=tmp_path)
        sent = shell(send, folder=tmp_path)
        screen.until("900000001")
        screen.type(CTRL_C)
        _, shown = screen.ended()
    (again,) = re.findall(r"^  (\S+meetwire .*--no-follow)$", shown, re.MULTILINE)
    status, everything = shell(again, folder=tmp_path)

    assert tail.startswith(".parts/demo/bin/meetwire tail ")
    assert (first[0], bool(re.fullmatch(EVENT + "\n", first[1]))) == (0, True)
    assert (sent[0], sent[1].splitlines()[-1]) == (0, "(no body)")
    assert "HTTP/1.1 200 OK" in sent[1]
    assert status == 0
    told, kept = (re.findall(EVENT, text) for text in (shown, everything))
    assert kept[0] == first[1].rstrip("\n")
    rest = iter(kept)
    assert [line for line in told if line not in rest] == []
    # That it ended comes last, when nobody shows anything any more.
    assert re.search(r"  listening .*  lost  (stopping|socket_closed)", kept[-1])


def test_its_commands_are_short_where_meetwire_is_on_the_path(tmp_path: Path) -> None:
    """Who installed it is shown what he would type."""
    status, shown = shell(f"PATH={SCRIPT.parent}:$PATH; meetwire demo --events 1", folder=tmp_path)

    assert status == 0
    assert re.findall(r"^  (\w+ tail) ", shown, re.MULTILINE) == ["meetwire tail", "meetwire tail"]


def test_a_second_start_goes_on_in_the_same_folder(tmp_path: Path) -> None:
    """What was shown before is still there, and more comes behind it."""
    first = demo("--events", "2", folder=tmp_path)
    second = demo("--events", "2", folder=tmp_path)
    status, everything = shell(f"{SCRIPT} tail --config demo-data/meetwire.toml --no-follow", folder=tmp_path)

    shown = [line for done in (first, second) for line in done.stdout.splitlines() if re.fullmatch(EVENT, line)]
    assert (first.returncode, second.returncode, status) == (0, 0, 0)
    assert len(shown) == 4
    assert set(shown) <= set(everything.splitlines())


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """In one line, and the first goes on."""
    with terminal("demo", command=[str(SCRIPT)], folder=tmp_path) as screen:
        screen.until("Ctrl-C stops everything.")
        second = demo(folder=tmp_path)
        screen.until("  joined ")

    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == "meetwire: a demo runs in demo-data already; give another --folder\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("--folder", "file"), "meetwire: file: File exists\n", id="a file for a folder"),
        pytest.param(("--folder", "file/x"), "meetwire: file/x: Not a directory\n", id="a folder in a file"),
        pytest.param(
            ("--events", "0"), "meetwire demo: error: argument --events: '0' is no number from 1 on\n", id="no events"
        ),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    """One line, and status 2."""
    (tmp_path / "file").write_text("")

    done = demo(*words, folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(told)
    assert "Traceback" not in done.stderr


def test_a_log_that_is_none_is_said(tmp_path: Path) -> None:
    """Whatever an older version or an accident left in the folder: one line, and status 2."""
    (tmp_path / "demo-data/log").mkdir(parents=True)
    (tmp_path / "demo-data/log/log.sqlite").write_bytes(b"no database, however long one reads in it. " * 100)

    done = demo(folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("meetwire: demo-data/log/log.sqlite is damaged")
    assert done.stderr.count("\n") == 1


def test_its_password_is_in_its_own_file_alone(tmp_path: Path) -> None:
    """Drawn at every start; not in the list of processes, not on the screen, not in what the program writes."""
    with terminal("demo", command=[str(SCRIPT)], folder=tmp_path) as screen:
        screen.until("  joined ")
        listed = Path(f"/proc/{screen.process.pid}/cmdline").read_text()
        screen.type(CTRL_C)
        _, shown = screen.ended()
    file = tmp_path / "demo-data/password"
    password = file.read_text().strip()
    written = {path.name: path.read_bytes() for path in (tmp_path / "demo-data").rglob("*") if path.is_file()}

    assert re.fullmatch("[0-9a-f]{16}", password)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert password not in listed + shown
    assert [name for name, content in written.items() if password.encode() in content] == ["password"]

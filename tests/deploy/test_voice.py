"""How the program speaks of itself: lines for machines or for people, libraries included, and never what was sent."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import Any, Literal

import pytest
import structlog

from deploy.voice import speak
from schemas.lines import Logger
from schemas.settings import Logging

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
Level = Literal["debug", "info", "warning", "error"]


class Screen(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        """Say so."""
        return self._terminal


def logger() -> Logger:
    """Return a logger that no other test has used."""
    made: Logger = structlog.get_logger("meetwire.receiver")
    return made


def lines(screen: Screen) -> list[dict[str, Any]]:
    """Return the lines of JSON, each with its time replaced once it was seen to be one."""
    found = [json.loads(line) for line in screen.getvalue().splitlines()]
    return [{**line, "timestamp": bool(TIME.fullmatch(line["timestamp"]))} for line in found]


def test_lines_are_json_where_nobody_watches() -> None:
    """One object a line: when, how bad, what, and the rest; time, level and name first."""
    screen = Screen(terminal=False)
    speak(Logging(), screen)

    logger().info("log.opened", log="a", position=7)
    logger().error("log.failed", reason="disk_full")

    assert lines(screen) == [
        {"timestamp": True, "level": "info", "event": "log.opened", "log": "a", "position": 7},
        {"timestamp": True, "level": "error", "event": "log.failed", "reason": "disk_full"},
    ]
    assert [list(json.loads(line))[:3] for line in screen.getvalue().splitlines()] == [
        ["timestamp", "level", "event"],
        ["timestamp", "level", "event"],
    ]


@pytest.mark.parametrize(
    ("form", "terminal", "is_json"),
    [("auto", False, True), ("auto", True, False), ("json", True, True), ("text", False, False)],
)
def test_the_form_is_a_setting(form: Literal["auto", "json", "text"], terminal: bool, is_json: bool) -> None:
    """By default it is for whoever watches; the setting decides otherwise."""
    screen = Screen(terminal=terminal)
    speak(Logging(form=form), screen)

    logger().info("log.opened", position=7)

    assert screen.getvalue().startswith("{") is is_json
    assert "log.opened" in screen.getvalue()


def test_colours_are_for_terminals() -> None:
    """Text that goes to a file has no escape sequences in it."""
    watched, filed = Screen(terminal=True), Screen(terminal=False)
    for screen in (watched, filed):
        speak(Logging(form="text"), screen)
        logger().info("log.opened", position=7)

    assert "\x1b[" in watched.getvalue()
    assert "\x1b[" not in filed.getvalue()


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_the_level_is_a_setting(level: Level, heard: list[str]) -> None:
    """Less than it is not said."""
    screen = Screen(terminal=False)
    speak(Logging(level=level), screen)

    log = logger()
    log.debug("push.accepted")
    log.info("log.opened")
    log.warning("push.refused")
    log.error("log.failed")

    assert [line["level"] for line in lines(screen)] == heard


def test_libraries_speak_the_same_way_and_quote_nothing() -> None:
    """Their warnings are lines of ours: first line alone, what was filled in left out, no traceback."""
    screen = Screen(terminal=False)
    speak(Logging(), screen)

    try:
        int("marker")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request from %s", "marker")
    logging.getLogger("asyncio").critical("Task was destroyed\nmarker")
    logging.getLogger("asyncio").info("marker")

    assert lines(screen) == [
        {
            "timestamp": True,
            "level": "error",
            "event": "library.warned",
            "library": "aiohttp.server",
            "words": "Error handling request from %s",
        },
        {
            "timestamp": True,
            "level": "error",
            "event": "library.warned",
            "library": "asyncio",
            "words": "Task was destroyed",
        },
    ]
    assert "marker" not in screen.getvalue()


@pytest.mark.parametrize(("level", "heard"), [("info", []), ("debug", ["debug", "error"])])
def test_aiokafka_is_heard_by_who_debugs(level: Level, heard: list[str]) -> None:
    """It complains of every try; the forwarder says what matters of that, once."""
    screen = Screen(terminal=False)
    speak(Logging(level=level), screen)

    logging.getLogger("aiokafka.conn").debug("connecting")
    logging.getLogger("aiokafka.conn").error("Unable connect to node")

    assert [line["level"] for line in lines(screen)] == heard

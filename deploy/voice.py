"""How the program speaks of itself: structlog lines on standard error, JSON where nobody watches.

What libraries say through the standard logger goes the same way, from warnings on; aiokafka's is left out, because the
forwarder says what matters of it, once, and not for every try.
"""

import logging
import sys
from typing import Final, Protocol, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from schemas.settings import Logging

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> int: ...  # noqa: D102 -- a file's
    def flush(self) -> None: ...  # noqa: D102
    def isatty(self) -> bool: ...  # noqa: D102


def speak(settings: Logging, out: Stream | None = None) -> None:
    """Set up logging for this process; lines go to `out`, standard error by default."""
    stream = out or sys.stderr
    as_json = settings.form == "json" or (settings.form == "auto" and not stream.isatty())
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _in_order,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, stream)),  # of which it uses `write` and `flush`
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    logging.getLogger("aiokafka").setLevel(logging.DEBUG if settings.level == "debug" else logging.CRITICAL)


def _in_order(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Put what every line has before what only some have."""
    return {"timestamp": line["timestamp"], "level": line["level"], "event": line["event"], **line}


class _Libraries(logging.Handler):
    """Takes the standard logger's records into structlog, without tracebacks: those can quote what was sent."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say one record: by whom, and its first line, without what was filled in."""
        log = structlog.get_logger("library")
        words = str(record.msg).partition("\n")[0]
        log.log(min(record.levelno, logging.ERROR), "library.warned", library=record.name, words=words)

"""How the program speaks of itself: structlog lines on standard error, JSON where nobody watches.

What libraries say through the standard logger goes the same way, from warnings on; aiokafka's is left out, because the
forwarder says what matters of it, once, and not for every try.
"""

import logging
import sys
from typing import Final, TextIO

import structlog

from schemas.settings import Logging

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def speak(settings: Logging, out: TextIO | None = None) -> None:
    """Set up logging for this process; lines go to `out`, standard error by default."""
    stream = out or sys.stderr
    as_json = settings.form == "json" or (settings.form == "auto" and not stream.isatty())
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    logging.getLogger("aiokafka").setLevel(logging.DEBUG if settings.level == "debug" else logging.CRITICAL)


class _Libraries(logging.Handler):
    """Takes the standard logger's records into structlog, without tracebacks: those can quote what was sent."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say one record, by the logger and the first line of what it says."""
        log = structlog.get_logger("library")
        words = str(record.msg).partition("\n")[0] if record.args else record.getMessage().partition("\n")[0]
        log.warning("library.said", library=record.name, words=words)

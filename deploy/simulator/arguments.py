"""What `send` and `simulate` are both told on the command line: where to, as whom, and how to check the other side."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .errors import BadArguments
from .push import Subscriber

PASSWORD_VARIABLE: Final = "MEETWIRE_SEND_PASSWORD"  # noqa: S105 -- where it is, not what it is
_DEFAULT_URL: Final = "http://127.0.0.1:8080/openapi/meetingevent"


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to send to, and as whom."""
    parser.add_argument("--url", default=_DEFAULT_URL, help="where to post to (default: %(default)s)")
    parser.add_argument("--app-id", required=True, metavar="ID", help="the subscriber ID of the push configuration")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="its password, on the first line of a file")
    parser.add_argument(
        "--password", help=f"its password; seen by others in `ps`: better a file, or {PASSWORD_VARIABLE}"
    )
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="check the receiver's certificate against these")
    parser.add_argument(
        "--timeout", type=positive, default=10.0, metavar="SECONDS", help="for one answer (default: 10)"
    )


def subscriber_from(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Subscriber:
    """Return who signs. Raises BadArguments where no password is given, or its file cannot be read."""
    if arguments.password_file is not None:
        password = _first_line(arguments.password_file)
    else:
        password = arguments.password or environ.get(PASSWORD_VARIABLE, "")
    if not password:
        raise BadArguments(f"no password: give --password-file, {PASSWORD_VARIABLE} or --password")
    return Subscriber(app_id=arguments.app_id, password=password)


def positive(text: str) -> float:
    """Return a number above zero, for argparse."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"not above zero: {text}")
    return number


def count(text: str) -> int:
    """Return a whole number above zero, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"not above zero: {text}")
    return number


def _first_line(path: Path) -> str:
    try:
        return next(iter(path.read_text(encoding="utf-8").splitlines()), "")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise BadArguments(f"the password file {path} cannot be read: {reason}") from None

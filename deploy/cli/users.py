"""`meetwire users …`: who may log in to the dashboard, and which programs may read its API.

Exit status: 0 done, 1 there is no such user or token, 2 wrong arguments or settings.
"""

import getpass
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, get_args

import msgspec

from schemas.api.session import MIN_PASSWORD, Password, Role, Scope, UserName
from schemas.settings import Dashboard
from schemas.topics import TopicName

from ..extras import extra_for
from .naming import add_config_option
from .settings import loaded, refuse

if TYPE_CHECKING:
    from consumers.dashboard.access.roll import Roll, User

_ROLES: Final = {
    "viewer": "sees meetings, people and quality",
    "operator": "acknowledges and silences alerts too",
    "compliance": "sees captions and the archive",
    "admin": "may do all of it",
}
_T = TypeVar("_T")


def add_users_arguments(parser: ArgumentParser) -> None:
    """Add list, add, remove and token."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    commands.add_parser("list", help="show users and tokens", description="Show users and tokens.")
    _add_adding(commands.add_parser("add", help="add a user, or change one", description="Add a user, or change one."))
    removing = commands.add_parser("remove", help="take out a user or a token")
    removing.add_argument("name", help="the user's, or the token's")
    _add_token(commands.add_parser("token", help="make a token for a program", description="Make a token; shown once."))
    add_config_option(*commands.choices.values())


def run_users(arguments: Namespace) -> int:
    """Return the exit status."""
    settings = loaded(arguments).root.dashboard or Dashboard()
    try:
        from consumers.dashboard.access.roll import RollUnreadable
    except ModuleNotFoundError as error:  # pragma: no cover -- the tests have all extras
        if (words := extra_for(error)) is None:
            raise
        return refuse(words)
    run = {"list": _list, "add": _add, "remove": _remove, "token": _token}[arguments.what]
    try:
        return run(Path(settings.users_file), arguments)
    except RollUnreadable as error:
        return refuse(str(error))


def _add_adding(parser: ArgumentParser) -> None:
    parser.add_argument("user", type=_name, help="up to 64 letters, digits and @ . _ -")
    roles = "; ".join(f"{role}: {line}" for role, line in _ROLES.items())
    parser.add_argument("--role", choices=get_args(Role), help=f"{roles} (default: what he has, else viewer)")
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument("--enterprise", action="append", metavar="NAME", help="sees this one alone; may be repeated")
    seen.add_argument("--all-enterprises", action="store_true", help="sees all again (default: what he has, else all)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--password-file", type=Path, metavar="FILE", help="read the password from it, not from here")
    how.add_argument("--no-password", action="store_true", help="comes through the trusted proxy alone")


def _add_token(parser: ArgumentParser) -> None:
    parser.add_argument("name", type=_name, help="yours to choose")
    parser.add_argument("--scope", action="append", choices=get_args(Scope), default=[], help="more than to look on")
    parser.add_argument("--topic", action="append", choices=get_args(TopicName), help="of the stream these alone")
    parser.add_argument("--enterprise", action="append", metavar="NAME", help="sees this one alone; may be repeated")
    parser.add_argument("--days", type=_days, metavar="N", help="for how long (default: until it is removed)")


def _list(path: Path, _: Namespace) -> int:
    from consumers.dashboard.access.roll import read

    known = read(path)
    for user in known.users if known is not None else ():
        way = "" if user.password is not None else ", by the proxy"
        print(f"{user.user}: {user.role}{way}{_of(user.enterprises)}")
    for token in known.tokens if known is not None else ():
        ends = "" if token.ends_at is None else f", until {token.ends_at:%Y-%m-%d}"
        print(f"token {token.name}: {', '.join(token.scopes) or 'looks on'}{ends}{_of(token.enterprises)}")
    return 0


def _add(path: Path, arguments: Namespace) -> int:
    from consumers.dashboard.access.passwords import hashed
    from consumers.dashboard.access.roll import User, change

    try:
        password = None if arguments.no_password else _password(arguments.password_file)
    except OSError as error:
        return refuse(f"{arguments.password_file}: {error.strerror}")
    except ValueError as error:
        return refuse(str(error))
    fresh = User(
        user=arguments.user,
        role=arguments.role or "viewer",
        password=None if password is None else hashed(password),
        enterprises=_names(arguments.enterprise),
    )
    changed = change(path, lambda known: known.with_user(_kept(known.user(fresh.user), fresh, arguments)))
    user = changed.user(fresh.user) or fresh
    print(f"{user.user}: {user.role}{_of(user.enterprises)}; in {path}")
    return 0


def _kept(before: "User | None", fresh: "User", arguments: Namespace) -> "User":
    """Return a user who is changed with what nobody has named as it was, and say that he was there."""
    if before is None:
        return fresh
    print(f"{fresh.user} was there: changed; a role and enterprises that are not named stay", file=sys.stderr)
    named = arguments.all_enterprises or fresh.enterprises is not None
    return msgspec.structs.replace(
        fresh,
        role=arguments.role or before.role,
        enterprises=fresh.enterprises if named else before.enterprises,
    )


def _remove(path: Path, arguments: Namespace) -> int:
    from consumers.dashboard.access.roll import change, read

    known = read(path)
    if known is None or known == known.without(arguments.name):
        print(f"{arguments.name}: there is neither a user nor a token of that name", file=sys.stderr)
        return 1

    def without(now: "Roll") -> "Roll":
        return now.without(arguments.name)

    change(path, without)
    print(f"{arguments.name}: removed; what he has open ends within half a minute")
    return 0


def _token(path: Path, arguments: Namespace) -> int:
    from consumers.dashboard.access import tokens
    from consumers.dashboard.access.roll import Token, change

    drawn, now = tokens.drawn(), datetime.now(UTC)
    token = Token(
        name=arguments.name,
        sha256=tokens.hash_of(drawn),
        scopes=tuple(dict.fromkeys(arguments.scope)),
        topics=_names(arguments.topic),
        enterprises=_names(arguments.enterprise),
        made_at=now,
        ends_at=None if arguments.days is None else now + timedelta(days=arguments.days),
    )
    change(path, lambda known: known.with_token(token))
    print("It is shown this once, and kept as a hash; send it as Authorization: Bearer …", file=sys.stderr)
    print(drawn)
    return 0


def _password(file: Path | None) -> str:
    """Return the password that somebody gives. Raises ValueError where it is too short, or none."""
    given = _asked() if file is None else file.read_text().rstrip("\n")
    try:
        return msgspec.convert(given, Password)
    except msgspec.ValidationError:
        raise ValueError(f"a password has {MIN_PASSWORD} characters at least") from None


def _asked() -> str:
    """Return what is typed. Raises ValueError where that is nothing, or two passwords."""
    try:
        given = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != given:
            raise ValueError("these were two different passwords")
    except EOFError:
        # The question stands there, and its line is not ended.
        print(file=sys.stderr)
        raise ValueError("no password given: use --password-file") from None
    return given


def _name(text: str) -> str:
    try:
        name: str = msgspec.convert(text, UserName)
    except msgspec.ValidationError:
        raise ArgumentTypeError(f"{text!r} is no name: up to 64 letters, digits and @ . _ -") from None
    return name


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 3_650:
        raise ArgumentTypeError(f"{text!r} is no number of days from 1 to 3650")
    return int(text)


def _names(given: list[_T] | None) -> tuple[_T, ...] | None:
    return None if given is None else tuple(dict.fromkeys(given))


def _of(enterprises: tuple[str, ...] | None) -> str:
    return "" if enterprises is None else f", of {', '.join(enterprises)} alone"

"""The users file: who may log in, and which tokens there are. Passwords and tokens stand in it as hashes alone.

JSON, its owner's alone to read. Several replicas may share it: its `secret` signs their sessions, so a session holds on
all of them. It is always replaced whole, and read again when it has changed. Whoever replaces it, it stays its owner's:
what root writes here is for the service's user to read.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import msgspec
from msgspec.structs import replace

from schemas.api.session import Role, Scope, UserName
from schemas.events.lifecycle import Instant
from schemas.topics import TopicName

Names = tuple[str, ...]


class RollUnreadable(Exception):
    """The file is damaged, or cannot be read or written. The message names it."""


class User(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who logs in."""

    user: UserName
    role: Role
    password: str | None = None
    """Argon2id, in its own spelling. None: comes through the trusted proxy alone."""
    enterprises: Names | None = None
    """Sees these alone; null: all."""

    def __repr__(self) -> str:
        """Show no hash."""
        return f"<User {self.user}>"


class Token(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that reads the API."""

    name: UserName
    sha256: str
    """Of the token: 32 random bytes, which nobody guesses, so that a slow hash would protect nothing more."""
    scopes: tuple[Scope, ...] = ()
    topics: tuple[TopicName, ...] | None = None
    enterprises: Names | None = None
    made_at: Instant
    ends_at: Instant | None = None

    def __repr__(self) -> str:
        """Show no hash."""
        return f"<Token {self.name}>"


class Roll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    secret: str
    """64 hexadecimal digits: signs sessions."""
    users: tuple[User, ...] = ()
    tokens: tuple[Token, ...] = ()

    def __repr__(self) -> str:
        """Show no secret."""
        return f"<Roll {len(self.users)} users, {len(self.tokens)} tokens>"

    @classmethod
    def new(cls) -> Self:
        """Return an empty one."""
        return cls(secret=secrets.token_hex(32))

    def user(self, name: str) -> User | None:
        """Return a user by name."""
        return next((one for one in self.users if one.user == name), None)

    def with_user(self, user: User) -> "Roll":
        """Return it with a user, in place of one of the same name."""
        return replace(self, users=(*(one for one in self.users if one.user != user.user), user))

    def without(self, name: str) -> "Roll":
        """Return it without the user, and without the token, of a name."""
        return replace(
            self,
            users=tuple(one for one in self.users if one.user != name),
            tokens=tuple(one for one in self.tokens if one.name != name),
        )

    def with_token(self, token: Token) -> "Roll":
        """Return it with a token, in place of one of the same name."""
        return replace(self, tokens=(*(one for one in self.tokens if one.name != token.name), token))


_decoder: Final = msgspec.json.Decoder(Roll)


def read(path: Path) -> Roll | None:
    """Return the file; None where there is none. Blocking. Raises RollUnreadable."""
    try:
        return _decoder.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # Its message may quote a hash.
        raise RollUnreadable(f"{path}: is no users file") from None
    except OSError as error:
        raise RollUnreadable(f"{path}: {error.strerror}") from None


def change(path: Path, how: Callable[[Roll], Roll]) -> Roll:
    """Replace the file by what `how` makes of it, one process at a time. Blocking. Raises RollUnreadable."""
    try:
        _make(path.parent)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(path.with_name(f".{path.name}.lock"), flags, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.geteuid() == 0:
                _give(lock, _model(path))
            changed = how(read(path) or Roll.new())
            _replace(path, msgspec.json.format(msgspec.json.encode(changed), indent=2) + b"\n")
        finally:
            os.close(lock)
    except OSError as error:
        raise RollUnreadable(f"{path}: {error.strerror}") from None
    return changed


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    # What a process that was killed left there may be another's; and root follows no link that somebody put there.
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        _give(file.fileno(), _model(path))
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    # Else somebody who was taken out might be back after a power failure.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _make(folder: Path) -> None:
    """Make a folder, and those that it is in, as their owner's who has the one above."""
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            above = folder.parent.stat()
            os.chown(folder, above.st_uid, above.st_gid)


def _model(path: Path) -> os.stat_result:
    """Return what the users file is like, or the folder of one that is new."""
    return path.stat() if path.exists() else path.parent.stat()


def _give(file: int, model: os.stat_result) -> None:
    """Make an open file its owner's and its group's whose `model` is, readable as that is where it is a file.

    Root alone gives files away. Who is not, and not in that group, leaves it to himself.
    """
    mode = stat.S_IMODE(model.st_mode) & 0o660 if stat.S_ISREG(model.st_mode) else 0o600
    try:
        os.fchown(file, model.st_uid if os.geteuid() == 0 else -1, model.st_gid)
    except PermissionError:
        mode &= 0o600
    os.fchmod(file, mode)

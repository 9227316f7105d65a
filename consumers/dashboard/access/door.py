"""Find out who asks, and let people in and out. What it decides rests on the users file, which may change any time.

Three ways: a program's token, a trusted proxy's header (for those who have single sign-on), or a session's cookie. As
long as nobody can log in, one link does that lets whoever has it become the first administrator.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

import msgspec

from schemas.api.session import UserName
from schemas.lines import Logger
from schemas.settings import Dashboard

from ..errors import BadArguments, NotLoggedIn, NotNow, Refused, TooMany
from . import roll, tokens
from .grants import ROLES, Grant, topics_for
from .limits import Guesses
from .passwords import Passwords, hashed
from .roll import Roll, RollUnreadable, User
from .sessions import Cookies, Session, begun, stamp_of

# How often it is looked whether the users file has changed.
_LOOK_EVERY_S: Final = 1.0
_LINK_LASTS_S: Final = 86_400


class Entered(msgspec.Struct, frozen=True):
    """Who is there, and the cookie to give him where it is time for another."""

    grant: Grant
    session: Session | None
    cookie: str | None = None


class Door:
    """All ways in."""

    def __init__(
        self,
        settings: Dashboard,
        *,
        logger: Logger,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._logger, self._now_s = settings, logger, now_s
        self._path = Path(settings.users_file)
        self._roll = Roll.new()
        self._cookies = Cookies(self._roll.secret)
        self._passwords, self._guesses = Passwords(), Guesses()
        self._looked_s, self._mtime = 0.0, 0
        self._lock = asyncio.Lock()
        self._networks = [ip_network(one) for one in settings.proxy_from]
        self._link: tuple[str, float] | None = None

    async def open(self) -> str | None:
        """Read the users file; return the one-time link's secret where nobody can log in yet. Raises RollUnreadable."""
        await self._read()
        if self._settings.proxy_header is not None or any(one.password for one in self._roll.users):
            return None
        self._link = secrets.token_urlsafe(32), self._now_s() + _LINK_LASTS_S
        return self._link[0]

    async def who(self, *, authorization: str | None, cookie: str | None, proxied: str | None, peer: str) -> Entered:
        """Return who asks: by his token, else the proxy's word, else his session. Raises NotLoggedIn."""
        await self._look()
        # Of another kind it is a proxy's business, which may ask for a password itself and send that on.
        if authorization is not None and authorization[:7].lower() == "bearer ":
            return self._by_token(authorization[7:])
        if proxied is not None and self._is_proxy(peer):
            return Entered(self._by_proxy(proxied), None)
        session = None if cookie is None else self._cookies.read(cookie, self._now_s())
        user = None if session is None else self._roll.user(session.user)
        if session is None or user is None or stamp_of(user) != session.stamp:
            raise NotLoggedIn("log in first")
        fresh = self._cookies.renewed(session, self._now_s())
        cookie = None if fresh is None else self._cookies.written(fresh)
        return Entered(self._grant(user, self._cookies.csrf(session.id)), session, cookie)

    async def still(self, entered: Entered) -> bool:
        """Whether somebody who was let in and reads on still may, and the same as then."""
        await self._look()
        who, session = entered.grant.who, entered.session
        if session is not None:
            user = self._roll.user(session.user)
            return user is not None and stamp_of(user) == session.stamp and self._cookies.lasts(session, self._now_s())
        name = who.removeprefix("token ")
        if entered.grant.csrf is None:
            token = next((one for one in self._roll.tokens if one.name == name), None)
            return token is not None and tokens.grant(token) == entered.grant and tokens.holds(token, self._now())
        try:
            return self._by_proxy(name) == entered.grant
        except Refused:
            return False

    async def login(self, name: str, password: str, peer: str) -> str:
        """Return the cookie of a new session. Raises NotLoggedIn, TooMany."""
        await self._look()
        self._refuse_guesser(name, peer)
        # Counted before it is checked: who tries many at once gets no more tries by it.
        self._guesses.failed(name, peer, self._now_s())
        user = self._roll.user(name)
        try:
            fits = await self._passwords.fits(user.password if user is not None else None, password)
        except TooMany:
            # Else whoever keeps us busy keeps out everybody who tries meanwhile, for a quarter of an hour.
            self._guesses.untried(name, peer)
            raise
        if not fits or user is None:
            self._logger.warning("login.refused", user=user.user if user is not None else None, peer=peer)
            raise NotLoggedIn("no such user, or another password", error="password")
        self._guesses.succeeded(name, peer)
        self._logger.info("login.accepted", user=user.user, peer=peer)
        return self._cookies.written(begun(user, self._now_s()))

    def logout(self, session: Session) -> None:
        """Have a session hold no more."""
        self._cookies.end(session, self._now_s())

    async def first(self, link: str, name: str, password: str, peer: str) -> str:
        """Make the first administrator; return the cookie of his session. Raises Refused, TooMany."""
        self._refuse_guesser("", peer)
        async with self._lock:
            await self._read()
            if not self._is_link(link):
                self._guesses.failed("", peer, self._now_s())
                raise _used()
            user = User(user=name, role="admin", password=await asyncio.to_thread(hashed, password))
            await self._change(lambda known: _with_first(known, user))
            self._link = None
        self._logger.info("login.accepted", user=user.user, peer=peer)
        return self._cookies.written(begun(user, self._now_s()))

    def _is_link(self, given: str) -> bool:
        if self._link is None or any(one.password for one in self._roll.users):
            return False
        link, until_s = self._link
        return self._now_s() < until_s and hmac.compare_digest(link.encode(), given.encode("utf-8", "replace"))

    def _by_token(self, given: str) -> Entered:
        token = tokens.found(self._roll.tokens, given.strip(), self._now())
        if token is None:
            raise NotLoggedIn("no such token, or it has ended", error="token")
        return Entered(tokens.grant(token), None)

    def _by_proxy(self, name: str) -> Grant:
        try:
            name = msgspec.convert(name, UserName)
        except msgspec.ValidationError:
            raise BadArguments("the proxy's name of the user is none: letters, digits and @ . _ - alone") from None
        user = self._roll.user(name)
        if user is None and self._settings.proxy_role == "none":
            raise Refused("nobody has let you in yet: meetwire users add")
        return self._grant(user or User(user=name, role="viewer"), self._cookies.csrf(f"proxy {name}"))

    def _grant(self, user: User, csrf: str) -> Grant:
        scopes = ROLES[user.role]
        return Grant(
            who=user.user,
            role=user.role,
            scopes=scopes,
            enterprises=None if user.enterprises is None else frozenset(user.enterprises),
            topics=topics_for(scopes),
            csrf=csrf,
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._now_s(), UTC)

    def _is_proxy(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def _refuse_guesser(self, name: str, peer: str) -> None:
        wait_s = self._guesses.wait_s(name, peer, self._now_s())
        if wait_s is not None:
            raise TooMany("too many tries failed", retry_after_s=wait_s)

    async def _look(self) -> None:
        """Read the users file again where it has changed."""
        # A clock that was set back must not have it wait till then.
        if 0 <= self._now_s() - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = self._now_s()
        try:
            if await asyncio.to_thread(_mtime, self._path) != self._mtime:
                await self._read()
        except RollUnreadable as error:
            # Who is known stays known: a slip of the editor must not lock everybody out.
            self._logger.error("users.damaged", reason=str(error))  # noqa: TRY400 -- a traceback says no more

    async def _read(self) -> None:
        self._mtime = await asyncio.to_thread(_mtime, self._path)
        found = await asyncio.to_thread(roll.read, self._path)
        if found is not None:
            self._take(found)

    async def _change(self, how: Callable[[Roll], Roll]) -> None:
        try:
            self._take(await asyncio.to_thread(roll.change, self._path, how))
        except RollUnreadable as error:
            raise NotNow(str(error)) from None

    def _take(self, fresh: Roll) -> None:
        if fresh.secret != self._roll.secret:
            self._cookies = Cookies(fresh.secret)
        self._roll = fresh


def _with_first(known: Roll, user: User) -> Roll:
    """Return it with its first user. Raises Refused: each replica printed a link, and somebody may have been faster."""
    if any(one.password for one in known.users):
        raise _used()
    return known.with_user(user)


def _used() -> Refused:
    return Refused("this link was used, or was never one: a new one is printed at the next start", error="link")


def _mtime(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise RollUnreadable(f"{path}: {error.strerror}") from None

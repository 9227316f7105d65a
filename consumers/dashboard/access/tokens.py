"""Tokens of programs: 32 random bytes behind a prefix by which a leaked one is found; only hashes are kept. Pure."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from .grants import Grant, topics_for
from .roll import Token

PREFIX: Final = "mwt_"
_LONGEST: Final = 256


def drawn() -> str:
    """Return a new token, to be shown once."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what is kept of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def found(tokens: Iterable[Token], given: str, now: datetime) -> Token | None:
    """Return the token that was given, where it is one and has not ended."""
    if len(given) > _LONGEST:
        return None
    digest = hash_of(given)
    fitting = [one for one in tokens if hmac.compare_digest(one.sha256, digest)]
    return next((one for one in fitting if holds(one, now)), None)


def holds(token: Token, now: datetime) -> bool:
    """Whether it has not ended."""
    return token.ends_at is None or token.ends_at > now


def grant(token: Token) -> Grant:
    """Return what it may."""
    scopes = frozenset(token.scopes)
    return Grant(
        who=f"token {token.name}",
        role="viewer",
        scopes=scopes,
        enterprises=None if token.enterprises is None else frozenset(token.enterprises),
        topics=topics_for(scopes, token.topics),
        csrf=None,
    )

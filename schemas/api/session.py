"""Who is there, and what they may."""

from typing import Annotated, Literal

import msgspec

from .shape import Answer, Request

Role = Literal["viewer", "operator", "compliance", "admin"]
Scope = Literal["captions", "archive", "alerts"]
"""captions: see what is said. archive: search, read and export it. alerts: acknowledge and silence them."""
Part = Literal["alerts", "archive"]

UserName = Annotated[
    str,
    msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._-]{0,63}$", description="up to 64 letters, digits and @ . _ -"),
]
MIN_PASSWORD = 12
"""Characters. NIST SP 800-63B asks for 15 where nothing else is asked for, 8 at the least; no rules of composition."""
Password = Annotated[str, msgspec.Meta(min_length=MIN_PASSWORD, max_length=1_024)]


class Session(Answer, frozen=True, kw_only=True):
    """Who is logged in."""

    user: str
    role: Role
    scopes: list[Scope]
    """What the role gives here: not `alerts` where nobody can be asked who decides them."""
    parts: list[Part]
    """What is seen here: alerts where they are decided, or any was told of; archive where captions are kept."""
    enterprises: list[str] | None
    """Only these are shown; null: all."""
    csrf: str
    """To be sent as X-CSRF-Token with every request that changes something."""
    language: str | None
    """zh or en, as the browser asks for it; null where it asks for neither."""


class Login(Request, frozen=True, kw_only=True):
    """A name and a password."""

    user: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1_024)]


class First(Request, frozen=True, kw_only=True):
    """The one-time link that the first start printed, and who the first administrator is."""

    link: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    user: UserName
    password: Password
    """One that is too short is answered 400, with the error `password`."""

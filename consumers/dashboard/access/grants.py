"""What somebody may: by his role, or by what his token says. Pure."""

from collections.abc import Collection
from typing import Final

import msgspec

from schemas.api.session import Role, Scope
from schemas.topics import (
    ALERTS,
    CAPTIONS,
    LIFECYCLE,
    PARTICIPANTS,
    QUALITY,
    SPEAKERS,
    STATE,
    TOPICS,
    UNRECOGNISED,
    TopicName,
)

ROLES: Final[dict[Role, frozenset[Scope]]] = {
    "viewer": frozenset(),
    "operator": frozenset({"alerts"}),
    "compliance": frozenset({"captions", "archive"}),
    "admin": frozenset({"captions", "archive", "alerts"}),
}

# What was not understood may be a caption, and dead letters hold what they are of.
WORDS: Final[frozenset[TopicName]] = frozenset({CAPTIONS, UNRECOGNISED})

# What the list and a meeting are made of: for who may read some topics alone, these are not a way to the others.
PRESENT: Final[frozenset[TopicName]] = frozenset({LIFECYCLE, STATE, PARTICIPANTS, SPEAKERS, QUALITY, ALERTS})


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and what he may."""

    who: str
    """The user's name, or `token <name>`: for the access log, and for the archive's."""
    role: Role
    scopes: frozenset[Scope]
    enterprises: frozenset[str] | None
    topics: frozenset[TopicName]
    """Of the stream; and what is made of others is not for him either."""
    csrf: str | None
    """What has to come with a write; None: a token, which no other site can send."""

    def may(self, scope: Scope) -> bool:
        """Whether he may that."""
        return scope in self.scopes

    @property
    def hears(self) -> bool:
        """Whether he may see what is said."""
        return self.may("captions") and CAPTIONS in self.topics


def topics_for(scopes: Collection[Scope], named: Collection[TopicName] | None = None) -> frozenset[TopicName]:
    """Return the topics that somebody with these scopes may read; `named`: of these alone."""
    wanted = frozenset(TOPICS if named is None else named)
    return wanted if "captions" in scopes else wanted - WORDS

"""Which meetings are kept, and by which rule. Pure.

Enterprise and meeting ID are on every record: what they decide alone is decided before a record is written down.
Subject and scheduler come with a push, early or late: what depends on them is kept until the meeting is over, and
decided then. Where neither ever came, a rule that asks for it might have fitted, and nothing is erased on a guess.
"""

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from schemas.archive.manifest import Kept
from schemas.events import (
    MeetingClosed,
    MeetingDescribed,
    MeetingEnded,
    MeetingStarted,
    ReceiverAlive,
    SubscriptionChanged,
)
from schemas.settings import Captions

from .evidence.told import Told

# That a meeting was held, and what was seen of it, stays known of every meeting; none of these holds words or names.
ALWAYS: Final = frozenset(
    kind.__name__ for kind in (MeetingStarted, MeetingEnded, MeetingClosed, SubscriptionChanged, ReceiverAlive)
)
_AT_ONCE: Final = ("enterprise", "meeting")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules ask about."""

    enterprise: str
    meeting_id: str
    subjects: frozenset[str] = frozenset()
    schedulers: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Show no one's name."""
        return f"<Facts of {self.meeting_id}>"


def facts_of(enterprise: str, meeting_id: str, told: Iterable[Told]) -> Facts:
    """Return what the records tell of it."""
    described = [one.event for one in told if isinstance(one.event, MeetingDescribed)]
    return Facts(
        enterprise=enterprise,
        meeting_id=meeting_id,
        subjects=frozenset(one.subject for one in described if one.subject),
        schedulers=frozenset(who for one in described for who in (one.owner_name, one.owner_id) if who),
    )


class Policy:
    """The settings' rules: `leave` beats `keep`, and a rule that fits is enough."""

    def __init__(self, settings: Captions) -> None:
        self._keep, self._leave = settings.keep, settings.leave

    def is_left(self, enterprise: str, meeting_id: str) -> bool:
        """Whether a meeting is not kept, whatever else may become known of it."""
        facts = Facts(enterprise=enterprise, meeting_id=meeting_id)
        if _first(self._leave, facts) is not None or self._keep == "none":
            return True
        rules = () if isinstance(self._keep, str) else self._keep
        return self._keep != "all" and all(_kind(rule) in _AT_ONCE for rule in rules) and _first(rules, facts) is None

    def decide(self, facts: Facts) -> Kept:
        """Return whether a meeting is kept, and the rule."""
        if (rule := _first(self._leave, facts)) is not None:
            return Kept(keep=False, rule=f"leave {rule}")
        if isinstance(self._keep, str):
            return Kept(keep=self._keep == "all", rule=self._keep)
        if (rule := _first(self._keep, facts)) is not None:
            return Kept(keep=True, rule=rule)
        if (rule := next((rule for rule in self._keep if not _asked(rule, facts)), None)) is not None:
            return Kept(keep=True, rule=f"unknown {rule}")
        return Kept(keep=False, rule="no rule of keep")


def _first(rules: Sequence[str], facts: Facts) -> str | None:
    return next((rule for rule in rules if _fits(rule, facts)), None)


def _fits(rule: str, facts: Facts) -> bool:
    pattern = rule.partition(":")[2]
    return any(fnmatchcase(one, pattern) for one in _asked(rule, facts))


def _asked(rule: str, facts: Facts) -> Collection[str]:
    """Return what is known of that which a rule asks about."""
    match _kind(rule):
        case "enterprise":
            return (facts.enterprise,)
        case "meeting":
            return (facts.meeting_id,)
        case "subject":
            return facts.subjects
        case _:
            return facts.schedulers


def _kind(rule: str) -> str:
    return rule.partition(":")[0]

"""Which meetings may be listened to, and in which captions are switched on, by what the operator wrote. Pure."""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from schemas.ids import LogId
from schemas.settings import Subscriber

from .asking import CAPTIONS, NET_CONDITION, READABLE
from .meeting import Meeting, Terms


def terms_of(settings: Subscriber, *, receiver: LogId, is_tight: Callable[[], bool]) -> Terms:
    """Return what holds for all subscriptions. What cannot be said not to be meant by `skip` is not listened to."""
    return Terms(
        receiver=receiver,
        heartbeat_s=settings.heartbeat_s,
        push_types=wanted_types(settings),
        captions_on=lambda meeting: switches_captions_on(meeting, settings.captions),
        is_skipped=lambda meeting: is_skipped(meeting, settings.skip) or not is_told(meeting, settings.skip),
        is_tight=is_tight,
    )


def is_skipped(meeting: Meeting, skip: Iterable[str]) -> bool:
    """Return whether nobody may listen to this meeting: by its ID, its subject, or its scheduler's name."""
    return any(_names(meeting, rule) for rule in skip)


def is_told(meeting: Meeting, rules: Iterable[str]) -> bool:
    """Return whether enough is known of the meeting to say that none of `rules` names it."""
    return all(rule.isdecimal() or _can_be_judged(meeting, rule) for rule in rules)


def switches_captions_on(meeting: Meeting, captions: str | tuple[str, ...]) -> bool:
    """Return whether we ask for captions in this meeting."""
    if isinstance(captions, str):
        return captions == "always"
    return any(rule == meeting.meeting_id or _matches(meeting.subject, rule) for rule in captions)


def wanted_types(settings: Subscriber) -> tuple[str, ...]:
    """Return the push types that the settings leave, of those that we can read."""
    left_out = set()
    if settings.captions == "never":
        left_out.add(CAPTIONS)
    if settings.quality in ("rest", "off"):
        left_out.add(NET_CONDITION)
    return tuple(name for name in READABLE if name not in left_out)


def _names(meeting: Meeting, rule: str) -> bool:
    return rule in (meeting.meeting_id, meeting.scheduler) or _matches(meeting.subject, rule)


def _can_be_judged(meeting: Meeting, rule: str) -> bool:
    # What has a wildcard is for subjects; a plain word may be a scheduler's name as well.
    is_pattern = "*" in rule or "?" in rule
    return meeting.subject is not None and (is_pattern or meeting.scheduler is not None)


def _matches(subject: str | None, rule: str) -> bool:
    # Of fnmatch's words the settings promise * and ? alone; brackets are common in subjects.
    return subject is not None and fnmatchcase(subject, rule.replace("[", "[[]"))

"""Say an alert in words: a headline, and lines that say why, how many, since when, and what would end it. Pure.

Names of places come from whoever named them: what commands a terminal, a page or a mail header is taken out of them
here, once and for every channel; what a markup takes for a link or a mention is each channel's to take out.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from schemas.events import AlertChanged, AlertTrouble

from .letter import Letter
from .words import WORDS, Words

_MOST_TROUBLES: Final = 4
_MOST_CHARACTERS: Final = 120
_PERCENT: Final = "_ratio"


class Said(msgspec.Struct, frozen=True):
    """One alert in words."""

    headline: str
    lines: list[str]
    link: str | None = None
    """The operator's own; the rest may hold what strangers wrote."""


class Voice:
    """One channel's language, time zone and title."""

    def __init__(self, language: str, zone: ZoneInfo, title: str, link: str | None) -> None:
        self._words: Words = WORDS["en" if language == "en" else "zh"]
        self._zone, self._title, self._link = zone, title, link

    def say(self, letter: Letter) -> Said:
        """Return a letter in words."""
        alert, words = letter.alert, self._words
        headline = words.headline.format(
            title=self._title,
            severity=words.severities.get(alert.severity, clean(alert.severity)),
            news=words.news[letter.news],
            where=self._where(alert),
        )
        link = self._link.replace("{alert}", alert.alert_id) if self._link is not None else None
        return Said(headline, list(self._lines(letter)), link)

    def digest(self, count: int) -> str:
        """Return a headline over several."""
        return self._words.digest.format(title=self._title, count=count)

    def _where(self, alert: AlertChanged) -> str:
        form = self._words.levels.get(alert.level, "{level} {place}")
        # The enterprise begins the name of a place that it does not share with others.
        place = alert.place.removeprefix(f"{alert.enterprise}/") if alert.enterprise else alert.place
        return form.format(
            level=clean(alert.level),
            place=clean(place),
            meeting=clean(alert.meeting_id or ""),
            participant=clean(alert.participant_id or ""),
        )

    def _lines(self, letter: Letter) -> Iterator[str]:
        alert, words = letter.alert, self._words
        if letter.news == "test":
            yield words.test
            return
        for trouble in alert.troubles[:_MOST_TROUBLES]:
            yield self._why(trouble)
        if (more := len(alert.troubles) - _MOST_TROUBLES) > 0:
            yield words.more.format(count=more)
        if alert.people > 1:
            yield self._whom(alert)
        yield self._when(letter)
        if letter.news != "resolved":
            yield from (self._ends(trouble) for trouble in alert.troubles[:1] if trouble.clear is not None)

    def _why(self, trouble: AlertTrouble) -> str:
        words, limit = self._words, self._limit(trouble)
        parts = [self._what(trouble)]
        if limit is not None:
            parts.append((words.above if trouble.above is not None else words.below).format(limit=limit))
            parts[-1] += words.by_service if trouble.threshold_from == "service" else ""
        if trouble.of > 1:
            parts.append(words.out_of.format(bad=trouble.bad, of=trouble.of))
        if trouble.for_s:
            parts.append(words.lasting.format(span=self._span(trouble.for_s)))
        return words.comma.join(parts)

    def _what(self, trouble: AlertTrouble) -> str:
        words = self._words
        if trouble.metric is None:
            return words.no_data if trouble.check == "no-data" else clean(trouble.check)
        value = trouble.samples[-1].value if trouble.samples else None
        shown = None if value is None else figure(trouble.metric, value)
        return " ".join(filter(None, (self._flow(trouble), self._metric(trouble.metric), shown)))

    def _flow(self, trouble: AlertTrouble) -> str:
        _, _, rest = trouble.check.partition("/")
        modality, _, direction = rest.partition("/")
        words = self._words
        named = words.modalities.get(modality, clean(modality)), words.directions.get(direction, clean(direction))
        return words.flow.format(modality=named[0], direction=named[1]).strip()

    def _metric(self, metric: str) -> str:
        return self._words.metrics.get(metric, clean(metric))

    def _limit(self, trouble: AlertTrouble) -> str | None:
        limit = trouble.above if trouble.above is not None else trouble.below
        return None if limit is None or trouble.metric is None else figure(trouble.metric, limit)

    def _whom(self, alert: AlertChanged) -> str:
        words = self._words
        parts = [words.people.format(people=alert.people, measured=alert.measured)]
        if alert.meetings > 1:
            parts.append(words.several.format(meetings=alert.meetings))
        if alert.direction in words.causes:
            parts.append(words.causes[alert.direction])
        return words.comma.join(parts)

    def _when(self, letter: Letter) -> str:
        alert, words = letter.alert, self._words
        if letter.news != "resolved":
            return words.since.format(at=self._at(alert.since))
        span = self._span((alert.occurred_at - alert.since).total_seconds())
        over = words.over.format(at=self._at(alert.occurred_at), span=span)
        return words.comma.join(filter(None, (over, words.endings.get(alert.because or ""))))

    def _ends(self, trouble: AlertTrouble) -> str:
        form = self._words.clears_below if trouble.above is not None else self._words.clears_above
        metric = trouble.metric or ""
        span = self._span(trouble.keep_firing_for_s)
        return form.format(what=self._metric(metric), limit=figure(metric, trouble.clear or 0.0), span=span)

    def _at(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S} ({self._zone.key})"

    def _span(self, seconds: float) -> str:
        words = self._words
        if seconds < 120:
            return words.seconds.format(n=f"{seconds:.0f}")
        if seconds < 7_200:
            return words.minutes.format(n=f"{seconds / 60:.0f}")
        return words.hours.format(n=f"{seconds / 3_600:.1f}")


def figure(metric: str, value: float) -> str:
    """Return a figure with its unit, short enough to be read."""
    if metric.endswith(_PERCENT):
        return f"{value * 100:.4g} %"
    if metric.endswith("_bps"):
        return f"{value / 1_000:.4g} kbit/s"
    unit = {"_ms": " ms", "fps": " fps"}.get(metric[-3:], "")
    return f"{value:.4g}{unit}"


def clean(text: str) -> str:
    """Return a stranger's text without what is not shown but does something, and not longer than a line."""
    shown = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text[: 4 * _MOST_CHARACTERS])
    # Some take an address for a link even without markup.
    short = " ".join(shown.replace("://", ":\u200a//").split())
    return short if len(short) <= _MOST_CHARACTERS else short[: _MOST_CHARACTERS - 1] + "…"

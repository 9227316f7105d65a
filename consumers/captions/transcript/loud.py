"""Who was loud, and when. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from schemas.events import ActiveSpeakersChanged, Speaker

from ..evidence.told import Told
from .instants import SECOND, happened_ms
from .spans import Span, merged

# Captions are made for the two loudest (meeting-push.md, 4.3: subtitleType 0).
_HEARD: Final = 2
# Who draws breath has not stopped.
_BREATH: Final = 2 * SECOND


def loud(told: Sequence[Told], whole: Span, volume: int) -> dict[str, list[Span]]:
    """Return the spans in which each participant was among the two loudest, and as loud as `volume` or of no told one.

    Who speaks is told where it changes, and holds until it is told anew, or to the end.
    """
    changes = _changes(told)
    spans: dict[str, list[Span]] = defaultdict(list)
    for (at_ms, speakers), (until_ms, _) in pairwise([*changes, (whole[1], [])]):
        for speaker in speakers[:_HEARD]:
            if speaker.participant_id and (speaker.volume is None or speaker.volume >= volume):
                spans[speaker.participant_id].append((at_ms, max(at_ms, until_ms)))
    return {who: merged(found, pause_ms=_BREATH) for who, found in sorted(spans.items())}


def _changes(told: Sequence[Told]) -> list[tuple[int, list[Speaker]]]:
    found = [
        (happened_ms(one), one.offset, one.event.speakers)
        for one in told
        if isinstance(one.event, ActiveSpeakersChanged)
    ]
    return [(at_ms, speakers) for at_ms, _, speakers in sorted(found, key=lambda each: each[:2])]

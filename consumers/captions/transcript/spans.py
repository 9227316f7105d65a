"""Spans of time, in milliseconds since 1970. Pure."""

from collections.abc import Iterable, Iterator, Sequence

Span = tuple[int, int]
"""From and to; `to` is not before `from`."""


def merged(spans: Iterable[Span], *, pause_ms: int = 0) -> list[Span]:
    """Return the same time as spans that ascend; what is no more than `pause_ms` apart is one."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since - found[-1][1] <= pause_ms:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((since, until))
    return found


def between(spans: Sequence[Span], whole: Span) -> Iterator[Span]:
    """Yield what of `whole` is in none of the spans, which `merged` returned."""
    since = whole[0]
    for begin, end in spans:
        if since < min(begin, whole[1]):
            yield since, min(begin, whole[1])
        since = max(since, end)
    if since < whole[1]:
        yield since, whole[1]


def within(spans: Iterable[Span], whole: Span) -> Iterator[Span]:
    """Yield what of the spans lies in `whole`."""
    for begin, end in spans:
        if max(begin, whole[0]) < min(end, whole[1]):
            yield max(begin, whole[0]), min(end, whole[1])

"""Say and count what is wrong with a segment, once: what lies there is looked at whenever partitions come or go."""

from collections.abc import Sequence

from schemas.lines import Logger
from schemas.metrics import Meters


class Alarms:
    """What was said by this process."""

    def __init__(self, meters: Meters, logger: Logger) -> None:
        self._logger = logger
        self._said: set[str] = set()
        self._altered = meters.counter("meetwire_captions_altered_total")

    def foreign(self, segments: Sequence[str]) -> None:
        """Say of segments that none of ours put them."""
        for segment in filter(self._is_news, segments):
            hint = "none of this archive's writers put it; nothing of it is closed over"
            self._logger.error("segment.disowned", segment=segment, hint=hint)

    def altered(self, segment: str) -> None:
        """Say of a segment of ours that it is gone, or not what it was."""
        if self._is_news(segment):
            hint = (
                "it was put, and is gone or is not what it was; meetings that may be in it are not closed until it is "
                "put back as it was, from a backup or as an older version; where nobody has it any more, "
                "`meetwire archive accept-loss` goes on without it"
            )
            self._logger.error("segment.altered", segment=segment, hint=hint)

    def restored(self, segment: str) -> None:
        """Say of a segment that its index was made again."""
        if self._is_news(segment):
            hint = "it was gone, or not what it was; the segment's lines are those that were put"
            self._logger.error("index.restored", segment=segment, hint=hint)

    def _is_news(self, segment: str) -> bool:
        if segment in self._said:
            return False
        self._said.add(segment)
        self._altered.inc()
        return True

"""Say in the ledger what is to be said, and go on without it where it cannot be gone on with.

Who can write to the store can put something where the next entry belongs. Then nothing can be signed and no meeting
closed: that is said and metered, with what has to be done, and looked at again each minute. Evidence is kept meanwhile.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from schemas.lines import Logger
from schemas.metrics import Meters

from .archive import Archive
from .errors import ArchiveError, StoreUnavailable
from .evidence.storing import Storing
from .founding import found

_AGAIN_S: Final = 60.0
_REMEDY: Final = (
    "nothing is signed and no meeting is closed until it is put right; evidence goes on being kept. What this "
    "archive's key has not signed has to go from there (keep a copy); what is missing or altered has to come back, "
    "from a backup or as an older version. Then it goes on by itself"
)

Copy = Callable[[bytes], Awaitable[None]]
"""Copies a checkpoint to the witnesses; raises nothing."""


class Signing:
    """The ledger as one cluster's work uses it. It raises StoreUnavailable, and no other ArchiveError."""

    def __init__(
        self,
        archive: Archive,
        storing: Storing,
        cluster: str,
        *,
        copy: Copy,
        meters: Meters,
        logger: Logger,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._archive, self._storing, self._cluster, self._copy = archive, storing, cluster, copy
        self._logger, self._now, self._monotonic = logger, now, monotonic
        self._barred = meters.gauge("meetwire_captions_ledger_barred")
        self._reason = ""
        self._again_at = 0.0
        self.is_unsigned = False

    async def is_founded(self) -> bool:
        """Whether it is known which segments are ours."""
        return self._storing.trust.knows(self._cluster) or await self._done(self._found)

    async def is_open(self) -> bool:
        """Whether something can be said now."""
        return await self._done(self._archive.ledger.look)

    async def show(self) -> None:
        """Have the witnesses get the newest checkpoint, though nothing was said since."""
        await self._done(self._show)

    async def sign(self) -> None:
        """Have what was said under a checkpoint."""
        if self.is_unsigned and await self._done(self._sign):
            self.is_unsigned = False

    async def _found(self) -> None:
        old = await found(self._archive, self._storing, self._cluster, self._now)
        self.is_unsigned = True
        if old:
            self._logger.warning(
                "segments.unvouched",
                partitions=old,
                hint="segments of a version that did not vouch for them; meetings in them are closed as they lie",
            )

    async def _show(self) -> None:
        await self._copy(await self._archive.ledger.checkpoint())

    async def _sign(self) -> None:
        # Not once a day alone: until then whoever can write to the store could rewrite the end of the log.
        await self._archive.access.seal(self._archive.ledger)
        await self._show()

    async def _done(self, act: Callable[[], Awaitable[None]]) -> bool:
        if self._reason and self._monotonic() < self._again_at:
            return False
        try:
            await act()
        except StoreUnavailable:
            raise
        except ArchiveError as error:
            self._bar(str(error))
            return False
        if self._reason:
            self._logger.info("ledger.recovered")
        self._reason = ""
        self._barred.set(0)
        return True

    def _bar(self, reason: str) -> None:
        if reason != self._reason:
            self._logger.error("ledger.barred", reason=reason, hint=_REMEDY)
        self._reason, self._again_at = reason, self._monotonic() + _AGAIN_S
        self._barred.set(1)

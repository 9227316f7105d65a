"""The alerts' desk of this process, for whoever is handed it once: alerting may end and begin again behind it."""

import contextlib
from collections.abc import Iterator

from schemas.desk import AlertDesk, AlertOnDesk, DeskUnavailable, SilenceWanted, Tried, Who
from schemas.events import AlertAcknowledged, AlertSilenced


class DeskHere:
    """Hands everything on to the desk that there is now; implements AlertDesk. DeskUnavailable while there is none."""

    def __init__(self) -> None:
        self._desk: AlertDesk | None = None

    @contextlib.contextmanager
    def of(self, desk: AlertDesk) -> Iterator[None]:
        """Have this desk within this block."""
        self._desk = desk
        try:
            yield
        finally:
            self._desk = None

    def _now(self) -> AlertDesk:
        if self._desk is None:
            raise DeskUnavailable("alerting is not running at the moment; it begins again by itself")
        return self._desk

    async def standing(self) -> list[AlertOnDesk]:
        """As the desk says."""
        return await self._now().standing()

    async def past(self, limit: int = 100) -> list[AlertOnDesk]:
        """As the desk says."""
        return await self._now().past(limit)

    async def silences(self) -> list[AlertSilenced]:
        """As the desk says."""
        return await self._now().silences()

    async def silence(self, wanted: SilenceWanted, who: Who) -> AlertSilenced:
        """As the desk does."""
        return await self._now().silence(wanted, who)

    async def end_silence(self, silence_id: str, who: Who) -> AlertSilenced:
        """As the desk does."""
        return await self._now().end_silence(silence_id, who)

    async def acknowledge(self, alert_id: str, who: Who, note: str = "") -> AlertAcknowledged:
        """As the desk does."""
        return await self._now().acknowledge(alert_id, who, note)

    async def send_test(self, channel: str | None = None) -> list[Tried]:
        """As the desk does."""
        return await self._now().send_test(channel)

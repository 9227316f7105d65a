"""What a channel is given to tell: one decision, and in what sense it is news to those who read there."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol

import msgspec

from schemas.events import AlertChanged

News = Literal["firing", "worse", "updated", "resolved", "test"]


class Letter(msgspec.Struct, frozen=True):
    """One piece of news."""

    id: str
    """The decision's; the same each time that it is sent."""
    news: News
    alert: AlertChanged
    before: AlertChanged | None = None
    """What was told of the same alert last, or may have been; None where nothing was."""


class Channel(Protocol):
    """One place that alerts go to."""

    @property
    def name(self) -> str:
        """Its name in the settings."""
        ...

    @property
    def kind(self) -> str:
        """Its kind in the settings."""
        ...

    @property
    def most(self) -> int:
        """So many letters go into one message."""
        ...

    @property
    def resend_s(self) -> float | None:
        """How often it wants to hear again of all that stands; None: it remembers by itself."""
        ...

    @property
    def still(self) -> Callable[[Sequence[Letter]], Awaitable[Sequence[Letter]]] | None:
        """Asks which of what is to be told again stands there still; None where nothing is told again."""
        ...

    async def tell(self, letters: Sequence[Letter]) -> None:
        """Return once the other side has taken them all, in this order. Raises ChannelError; then it may have some."""
        ...

"""[qos]: quality alerts. The channels that they go to are in schemas.notify."""

from typing import Annotated

import msgspec

from ..base import Settings
from ..notify import Notify
from ..secret import Secret
from .values import Address


class Qos(Settings, frozen=True, kw_only=True):
    """Quality alerts. Without this table: none."""

    rules_file: str | None = None
    """None: the rules that ship, deploy/qos.toml."""
    state_folder: str = "data/qos"
    """Snapshots, and what is to be sent; on a disk that stays."""
    look_back_h: Annotated[float, msgspec.Meta(ge=0, le=24 * 7)] = 2.0
    """Without a snapshot that fits, how much of the topics is read again before anything is decided."""
    snapshot_every_s: Annotated[float, msgspec.Meta(ge=1, le=3_600)] = 60.0
    silent_after_s: Annotated[float, msgspec.Meta(ge=30, le=86_400)] = 60.0
    """No receiver's sign of life for so long, by our own clock: that is an alert by itself."""
    listen: Address | None = None
    """Where silences, acknowledgements and tests are taken; None: nowhere."""
    tokens: tuple[Secret, ...] = ()
    """Whoever shows one of them may do so."""
    tokens_file: str | None = None
    notify: tuple[Notify, ...] = ()
    """The channels; none: alerts are on the topic alone."""

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if self.listen is not None and not self.tokens:
            raise ValueError("listen needs tokens or tokens_file: else anybody may silence alerts")
        names = [channel.name for channel in self.notify]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"notify: two are called {twice}: give each a name of its own")

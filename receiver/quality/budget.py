"""How often the service may be asked: a bucket of one token, so that no minute has more calls than it may. Pure."""


class Budget:
    """Spends so many calls a minute, evenly. Times are seconds of a clock that only goes on."""

    def __init__(self, calls_per_minute: int) -> None:
        self._whole_s = self.cost_s = 60 / calls_per_minute
        """What one call costs, in seconds until the next; more, while only a share of the budget is ours."""
        self.free_at = float("-inf")
        """When the next call may be made."""

    def spend(self, now: float, share: float) -> None:
        """Make one call, at `free_at` or later; `share`, above 0 up to 1, is what of the budget is ours."""
        self.cost_s = self._whole_s / share
        self.free_at = now + self.cost_s

    def charge(self, calls: int) -> None:
        """Make up for calls that were made beside the one that was spent: the further pages of a long list."""
        self.free_at += calls * self.cost_s

"""How quality alerts themselves are: whether they keep up, and who leads."""

from schemas.metrics import Meters

from .deciding import Deciding


class Counted:
    """The gauges and counters of one process."""

    def __init__(self, meters: Meters) -> None:
        self._leads = meters.gauge("meetwire_qos_leads")
        self._behind = meters.gauge("meetwire_qos_clock_behind_seconds")
        self._waiting = meters.gauge("meetwire_qos_waiting_records")
        self._pending = meters.gauge("meetwire_qos_pending_decisions")
        self._late = meters.counter("meetwire_qos_late_total")
        self._diverged = meters.counter("meetwire_qos_diverged_total")
        self._told_late = self._told_diverged = 0
        self.snapshot_bytes = meters.gauge("meetwire_qos_snapshot_bytes")
        self.snapshot_seconds = meters.histogram("meetwire_qos_snapshot_seconds")

    def ended(self) -> None:
        """Say that this one does not lead any more, however it ended."""
        self._leads.set(0.0)

    def show(self, deciding: Deciding, now_ms: int, *, leads: bool) -> None:
        """Set what is so now; `now_ms` is this machine's time."""
        state, told = deciding.state, deciding.told
        self._leads.set(float(leads))
        self._behind.set((now_ms - deciding.clock_ms) / 1_000 if deciding.clock_ms else 0.0)
        self._waiting.set(sum(map(len, state.waiting.values())))
        self._pending.set(len(told.pending))
        # The state outlives the process, a counter does not.
        self._late.inc(max(0, state.late - self._told_late))
        self._diverged.inc(max(0, told.diverged - self._told_diverged))
        self._told_late, self._told_diverged = state.late, told.diverged

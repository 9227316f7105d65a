"""Check that nothing was erased while a hold forbade it. Pure."""

from collections.abc import Mapping

from schemas.archive import entry_key
from schemas.archive.statements import Erased, HoldAdded, HoldRemoved

from ...life.holding import covers
from .plan import Plan
from .report import Report


def check_holds(plan: Plan, meeting_ids: Mapping[str, str], report: Report) -> None:
    """Tell the report of erasures that a hold forbade when they were said; `meeting_ids` is by occurrence."""
    said: list[tuple[int, HoldAdded | HoldRemoved | Erased]] = [*plan.holds, *plan.erasures]
    standing: dict[str, HoldAdded] = {}
    for entry, one in sorted(said, key=lambda pair: pair[0]):
        match one:
            case HoldAdded():
                standing[one.hold] = one
            case HoldRemoved():
                standing.pop(one.hold, None)
            case Erased():  # pragma: no branch -- there is no other
                meeting_id = meeting_ids.get(one.occurrence, "")
                if hold := next((hold for hold in standing.values() if covers(hold, one.occurrence, meeting_id)), None):
                    says = f"Something of this meeting was erased while hold {hold.hold} forbade it."
                    report.tell("erased_while_held", entry_key(entry), says, occurrences=[one.occurrence])

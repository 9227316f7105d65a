"""The ledger and its figures."""

from __future__ import annotations

from datetime import UTC, datetime

from deploy.simulator import Delivery, Entry, Kind, Ledger, Report
from deploy.simulator.connection import Answer
from deploy.simulator.report import report_of

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def delivery(kind: Kind = Kind.PLAIN, what: str = "") -> Delivery:
    """Return something sent."""
    return Delivery(at=START, body=b"{}", kind=kind, what=what)


def test_ledger_without_entries_counts_all_the_same() -> None:
    """A long run costs no memory."""
    ledger = Ledger(keep=False)
    ledger.ended(Entry(delivery=delivery(), answers=("200",), fate="accepted", at=START))

    assert (ledger.entries, dict(ledger.fates)) == ([], {"accepted": 1})


def test_report_is_a_table_that_can_be_read() -> None:
    """A row for each kind, a column for each answer, and what was wrong in words."""
    ledger = Ledger()
    for kind, text in ((Kind.PLAIN, "503"), (Kind.PLAIN, "200"), (Kind.FORGED, "200"), (Kind.PLAIN, "connection lost")):
        ledger.answered(delivery(kind, "wrong password" if kind is Kind.FORGED else ""), answer(text), retry=False)
    ledger.retries = 1
    ledger.fates["accepted"] = 2

    report = report_of(ledger, 2.0)

    assert report == Report(
        seconds=2.0,
        answers={"forged": {"200": 1}, "plain": {"503": 1, "200": 1, "connection lost": 1}},
        fates={"accepted": 2},
        retries=1,
        surprises={"forged (wrong password): 200 instead of 401": 1},
        p50_ms=10.0,
        p99_ms=10.0,
    )
    assert report.table().splitlines() == [
        "sent                      200              503  connection lost",
        "forged                      1                0                0",
        "plain                       1                1                1",
        "",
        "     2 s  4 sent (2/s), 1 retries  2 accepted",
        "answers: half within 10.0 ms, 99 % within 10.0 ms",
        "wrong answer, 1 times: forged (wrong password): 200 instead of 401",
    ]


def test_report_of_nothing_says_so() -> None:
    """A run that was stopped at once has a table too."""
    assert report_of(Ledger(), 0.0).line() == "     0 s  0 sent (0/s), 0 retries  none ended"


def test_answer_shows_no_content() -> None:
    """What came back stays out of log lines."""
    assert repr(answer("200")) == "<Answer 200>"


def answer(text: str) -> Answer:
    """Return an answer that took 10 ms."""
    return Answer(text=text, seconds=0.01)

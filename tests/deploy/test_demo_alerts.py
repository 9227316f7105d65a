"""The demo's rules, and when it has seen enough of what they do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from consumers.qos.engine.checks import Checks
from deploy.cli.demo_alerts import RULES_NAME, STRICTER_NAME, alert_settings, until_over, write_rules
from deploy.contract.samples import samples
from deploy.qos_rules import load_rules
from schemas.events import AlertChanged, decode
from schemas.topics import ALERTS

from ..consumers.records import numbered, record
from ..consumers.writing import LogWriter

PATIENCE_S = 60
SAMPLE = decode(bytes(samples()["AlertChanged"].value))


def alert(change: str, level: str) -> AlertChanged:
    """Return what became of an alert."""
    assert isinstance(SAMPLE, AlertChanged)
    return msgspec.structs.replace(SAMPLE, change=change, level=level)


def test_its_rules_are_good_and_the_stricter_ones_are_stricter(tmp_path: Path) -> None:
    """In one number alone: whoever compares the two sees what that changes."""
    write_rules(tmp_path)
    rules, stricter = (load_rules(tmp_path / name) for name in (RULES_NAME, STRICTER_NAME))

    (rule,), (other,) = rules.rules, stricter.rules
    assert alert_settings(tmp_path).rules_file == str(tmp_path / RULES_NAME)
    assert (rule.above, other.above) == (0.2, 0.1)
    assert msgspec.structs.replace(other, above=rule.above, clear=rule.clear) == rule
    assert msgspec.structs.replace(stricter, rules=rules.rules) == rules
    assert [(check.modality, check.direction) for check in Checks(rules).all] == [
        ("audio", "sent"),
        ("audio", "received"),
    ]


async def test_it_ends_when_so_many_alerts_on_places_are_over(tmp_path: Path) -> None:
    """Not when they fire, and not for those on people; what was over before it began does not count."""
    stop = asyncio.Event()
    writer = LogWriter(tmp_path)
    writer.append(record(alert("resolved", "site"), topic=ALERTS))
    async with asyncio.timeout(PATIENCE_S), until_over(tmp_path, 2, stop):
        for change, level in (("fired", "site"), ("resolved", "participant"), ("resolved", "site")):
            writer.append(record(alert(change, level), topic=ALERTS))
        writer.append(*numbered(2))
        assert not stop.is_set()
        writer.append(record(alert("resolved", "site"), topic=ALERTS))
        await stop.wait()
    writer.close()


async def test_it_ends_early_when_it_is_told_to(tmp_path: Path) -> None:
    """And where no number was given it never ends by itself."""
    stop = asyncio.Event()
    writer = LogWriter(tmp_path)
    async with asyncio.timeout(PATIENCE_S):
        async with until_over(tmp_path, 1, stop):
            stop.set()
        async with until_over(tmp_path / "no log is looked for", None, asyncio.Event()):
            pass
    writer.close()
    assert stop.is_set()

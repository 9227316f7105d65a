"""The rules for Prometheus: promtool takes them, each fires on what it should, and none is on a metric that is not."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.metrics import METRICS

from .tool import FOLDER, promtool

RULES = (FOLDER / "meetwire.rules.yml").read_text()
TESTS = (FOLDER / "meetwire.test.yml").read_text()
ALERTS = re.findall(r"^ +- alert: (\w+)$", RULES, re.MULTILINE)
EXPRESSIONS = "\n".join(re.findall(r"^ +expr: (.+)$", RULES, re.MULTILINE))


def test_prometheus_takes_the_rules() -> None:
    """All of them."""
    status, told = promtool("check", "rules", "meetwire.rules.yml")

    assert (status, f"{len(ALERTS) + RULES.count('- record: ')} rules found" in told) == (0, True)


def test_each_rule_fires_on_what_it_should() -> None:
    """And not on the rest."""
    status, told = promtool("test", "rules", "meetwire.test.yml")

    assert status == 0, told


WRONG = {
    # Never fires, always fires, counts standbys twice.
    "meetwire_qos_bad:ratio > 0.2": "meetwire_qos_bad:ratio > 0.9",
    "meetwire_quality_late_seconds) > 600": "meetwire_quality_late_seconds) > 1",
    "max by (enterprise, rating) (meetwire": "sum by (enterprise, rating) (meetwire",
}


def test_rules_that_are_otherwise_are_found(tmp_path: Path) -> None:
    """The tests can fail, each on its own rule."""
    rules = RULES
    for right, wrong in WRONG.items():
        assert right in rules
        rules = rules.replace(right, wrong)
    (tmp_path / "meetwire.rules.yml").write_text(rules)
    (tmp_path / "meetwire.test.yml").write_text(TESTS)

    status, told = promtool("test", "rules", "meetwire.test.yml", folder=tmp_path)

    failed = re.findall(r"^ +name: ([\w ]+),$|^ +expr: \"([\w:]+)\"", told, re.MULTILINE)
    assert (status, ["".join(one) for one in failed]) == (
        1,
        [
            "MeetwireQualityBad fires",
            "MeetwireQualitySilent fires",
            "MeetwireQualityLate does not",
            "enterprise:meetwire_qos_participants:sum",
        ],
    )


def test_each_alert_is_tested_both_ways() -> None:
    """Once where it fires, once where it does not."""
    named = re.findall(r"^  - name: (Meetwire\w+) (fires|does not)$", TESTS, re.MULTILINE)

    assert named == [(alert, way) for alert in ALERTS for way in ("fires", "does not")]


def test_rules_are_on_metrics_that_there_are() -> None:
    """A misspelt one would never fire."""
    used = set(re.findall(r"(?<!:)\bmeetwire_\w+", EXPRESSIONS))

    assert used <= METRICS.keys()
    assert "meetwire_qos_bad_ratio" in used


def test_what_is_to_be_alarmed_on_is() -> None:
    """Whatever its help says so of."""
    wanted = {name for name, metric in METRICS.items() if "Alarm on" in metric.help}

    assert wanted - set(re.findall(r"meetwire_\w+", EXPRESSIONS)) == set()

"""`meetwire qos test`: do these rules do what their test says?"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import msgspec

from consumers.qos.trial import Failure, all_tried
from schemas.trials import Stands, Trials

from ...qos_rules import SHIPPED, load_rules
from ...settings import SettingsError
from ...settings.fit import fit
from ...settings.given import read


def add_test_arguments(parser: ArgumentParser) -> None:
    """Add the files."""
    parser.add_argument("file", type=Path, help="the test: samples, and the alerts that have to stand")
    parser.add_argument("--rules", type=Path, help="another rule file than the test names")
    parser.add_argument("--json", action="store_true", help="print the failures as JSON")


def run_test(arguments: Namespace) -> int:
    """Return 0 where all is as the test says, 1 where it is not, 2 where a file is not good."""
    try:
        trials = _load(arguments.file)
        rules = load_rules(arguments.rules or _beside(arguments.file, trials))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    failures = all_tried(trials.trials, rules)
    if arguments.json:
        print(msgspec.json.encode(failures).decode())
    else:
        _print(trials, failures)
    return 1 if failures else 0


def _load(path: Path) -> Trials:
    given = read(path)
    trials = fit(given, Trials, given.tree)
    if trials is None or given.problems:
        raise SettingsError(*given.problems)
    return trials


def _beside(path: Path, trials: Trials) -> Path:
    return SHIPPED if trials.rules_file is None else path.parent / trials.rules_file


def _print(trials: Trials, failures: list[Failure]) -> None:
    failed = {failure.trial for failure in failures}
    for trial in trials.trials:
        print(f"{'FAILED' if trial.name in failed else 'good  '}  {trial.name}")
    for failure in failures:
        print(f"\n{failure.trial}, after {failure.at_s:g} s:")
        for stands in failure.missing:
            print(f"  should stand, and does not: {_spelt(stands)}")
        for stands in failure.unexpected:
            print(f"  stands, and should not:     {_spelt(stands)}")


def _spelt(stands: Stands) -> str:
    told = (stands.severity, None if stands.people is None else f"of {stands.people}")
    return " ".join(filter(None, (stands.level, stands.place, *told)))

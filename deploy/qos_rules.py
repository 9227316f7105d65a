"""Read a rule file of quality alerts. Blocking.

Everything that is wrong with it is said at once: file, line, setting, and what fits.
"""

from pathlib import Path
from typing import Final

from schemas.rules import QosRules

from .settings import SettingsError
from .settings.fit import fit
from .settings.given import read

SHIPPED: Final = Path(__file__).with_name("qos.toml")


def load_rules(path: Path = SHIPPED) -> QosRules:
    """Return the rules of a file; without one those that ship. Raises SettingsError."""
    given = read(path)
    rules = fit(given, QosRules, given.tree)
    if rules is None or given.problems:
        raise SettingsError(*given.problems)
    return rules

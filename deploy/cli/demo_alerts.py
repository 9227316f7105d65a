"""The demo's quality alerts: rules that are quick about it, and stricter ones to try on what has happened."""

from pathlib import Path
from typing import Final

from schemas.settings import Qos

RULES_NAME: Final = "qos.toml"
STRICTER_NAME: Final = "qos-stricter.toml"

_RULES: Final = """\
# Written by `meetwire demo` at every start: {what}.
# The rules that ship, with their sources and with more patience, are what meetwire takes without [qos] rules_file.
lateness_s = 1.0

[[rules]]
name = "audio-loss"
modality = "audio"
metric = "packet_loss_ratio"
above = {above}
clear = {clear}
bad = 2
of = 3
for_s = 0
keep_firing_for_s = 5.0

[[roll_ups]]
level = "site"
at_least = 3
share = 0.5
meetings = 2

[[roll_ups]]
level = "meeting"
at_least = 3
share = 0.5
"""


def alert_settings(folder: Path) -> Qos:
    """Return settings for alerts in the demo's folder."""
    return Qos(rules_file=str(folder / RULES_NAME), state_folder=str(folder / "alerts"))


def write_rules(folder: Path) -> None:
    """Write the rules, and stricter ones. Blocking."""
    for name, what, above, clear in (
        (RULES_NAME, "audio that loses a fifth", 0.2, 0.15),
        (STRICTER_NAME, "audio that loses a tenth; for `meetwire qos replay --rules`", 0.1, 0.05),
    ):
        (folder / name).write_text(_RULES.format(what=what, above=above, clear=clear))

"""What is wrong with the settings, said so that the operator can go there and mend it.

SettingsError
    one or more Problems, a line each: which setting, where it was given, what fits. Never the value that was given:
    it may be a secret, or stand where a secret was meant to be.
"""

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that does not fit."""

    where: str
    """file:line, the environment variable's name, or the file's name where the line is not known."""
    setting: str
    """The setting's path, such as webhook.deadline_s; empty where `where` says it all."""
    what: str

    def __str__(self) -> str:
        """Return the line for the operator."""
        return ": ".join(part for part in self if part)


class SettingsError(Exception):
    """The settings cannot be used. `problems` are all that were found, not the first alone."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

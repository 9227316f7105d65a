"""What is known of a participant besides figures: what a rule's scope asks for, and what alerts are rolled up by."""

from typing import Final

import msgspec

from schemas.events import Person, Surroundings


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody sits, and on what. None is "not known"."""

    enterprise: str
    meeting: str
    subject: str | None = None
    department: str | None = None
    terminal_type: str | None = None
    network: str | None = None
    site: str | None = None

    def __repr__(self) -> str:
        """Show no place and no department."""
        return f"<Facts of {self.meeting}>"

    def at(self, level: str) -> str | None:
        """Return where this participant belongs to at a level of roll-up."""
        told: str | None = getattr(self, level)
        return told


LEVELS: Final = ("meeting", "site", "network", "department", "terminal_type", "enterprise")


def is_news(facts: Facts, told: Surroundings) -> bool:
    """Whether `with_surroundings` may return other facts; quick, for as good as no sample does."""
    return not (
        told.city == facts.site
        and told.department == facts.department
        and told.terminal_type == facts.terminal_type
        and told.network_type == facts.network
    )


def with_surroundings(facts: Facts, told: Surroundings) -> Facts:
    """Return the facts with what a sample says of its surroundings; what it does not say stays."""
    return msgspec.structs.replace(
        facts,
        department=told.department or facts.department,
        terminal_type=told.terminal_type or facts.terminal_type,
        network=told.network_type or facts.network,
        site=told.city or told.province or told.country or facts.site,
    )


def with_person(facts: Facts, told: Person) -> Facts:
    """Return the facts with what a roster says of the person."""
    return msgspec.structs.replace(
        facts,
        department=told.department or facts.department,
        terminal_type=told.client_type or facts.terminal_type,
    )

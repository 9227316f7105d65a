"""The three kinds of struct, each option with its reason."""

import msgspec


class Wire(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A shape in the service's own words.

    Unknown members are skipped: the service may add some on any day, and has (enterprise push reference: the
    event list grew three times). Not tracked by the garbage collector: decoded trees hold no cycles.
    """

    def __repr__(self) -> str:
        """Show the type alone: pushes hold names and numbers of people."""
        return f"<{type(self).__name__}>"


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """A fact in our words; its class name is in the JSON as `type`.

    Defaults are written out, so that a record is complete without our source at hand.
    """

    def __repr__(self) -> str:
        """Show the type alone: events hold names and numbers of people."""
        return f"<{type(self).__name__}>"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the settings file. A name that we do not know is an error: a typo must not switch a check off."""

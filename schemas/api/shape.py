"""The two kinds of struct of the API."""

import msgspec


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the dashboard answers. Readers must skip members that they do not know."""

    def __repr__(self) -> str:
        """Show the type alone: answers hold names and words of people."""
        return f"<{type(self).__name__}>"


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the dashboard is asked in a body. A member that it does not know is refused."""

    def __repr__(self) -> str:
        """Show the type alone: passwords come in one of these."""
        return f"<{type(self).__name__}>"


class Problem(Answer, frozen=True, kw_only=True):
    """The body of every answer that is not good (400 and above)."""

    error: str
    """One word: login, forbidden, missing, arguments, password, link, csrf, too_many, unavailable …"""
    message: str
    """For a person, in English."""

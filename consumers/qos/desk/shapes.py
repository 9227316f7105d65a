"""What the desk's listener is asked and answers, in JSON: the shapes of schemas.desk, and who asks."""

from typing import Annotated

import msgspec

from schemas.desk import SilenceWanted, Who


class SilenceAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/silences."""

    wanted: SilenceWanted
    who: Who


class Acknowledging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/alerts/{id}/acknowledge."""

    who: Who
    note: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class TestAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/test."""

    channel: str | None = None


class Problem(msgspec.Struct, frozen=True):
    """Every answer but 200."""

    error: str
    """missing, unwanted, login, unavailable."""
    message: str

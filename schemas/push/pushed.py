"""What every frame of the meeting push has, and the types that its members are read with.

Types drift between the reference's pages, its examples and what clients see: numbers come as text and text as numbers,
switches as 0 and 1. So decode without `strict` (msgspec), and expect either here. What the service leaves out is null.
"""

from typing import Annotated

import msgspec

from ..base import Wire

Long = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""`version` needs all of it."""
Milliseconds = Annotated[int, msgspec.Meta(ge=0, lt=10**13)]
Figure = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
"""A measurement. Finite: text such as "nan" is none."""
Text = str | Long | None
"""An identifier, a number that is dialled, a name, a code."""
Flag = bool | Long | str | None
"""A switch: 0 and 1, "0" and "1", or true and false."""
Id = Annotated[str, msgspec.Meta(min_length=1)] | Long
Removal = Annotated[int, msgspec.Meta(ge=0, le=1)]
"""An item's `mode`: 0 new or changed, 1 gone."""


class MeetingPush(Wire, frozen=True, kw_only=True):
    """The envelope, whose members stand beside the content (table "public parameters")."""

    msgID: Text = None
    msgMode: Removal | None = None
    """0 full, 1 incremental."""
    version: Long | None = None
    """Of a full frame the time when it was built, in ms; of an incremental one a rising number."""
    createTime: Milliseconds | None = None

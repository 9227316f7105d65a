"""GET /api/v1/stream: records as the topics have them, in the JSON form of CloudEvents 1.0."""

import msgspec

from ..events.lifecycle import Instant
from .shape import Answer


class CloudEvent(Answer, frozen=True, kw_only=True):
    """One record. Each goes out as `data` of a server-sent event, whose `id` is the cursor after it."""

    specversion: str
    id: str
    """`ce_id`: the same however often a record comes."""
    source: str
    """urn:meetwire:<enterprise>"""
    type: str
    """meetwire.<event>.v1"""
    time: Instant
    subject: str
    """The record's key: the meeting's ID."""
    datacontenttype: str
    topic: str
    partition: int
    epoch: int | None
    """Of the subscription, for meeting pushes."""
    data: msgspec.Raw
    """The event, as the topic has it: see schemas/json/asyncapi.json."""

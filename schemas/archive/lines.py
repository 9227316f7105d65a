"""A line of evidence: one record as it was read. A segment is such lines, each with a newline after it.

The leaf of a line is SHA-256 over 0x00 and the line without its newline; a segment's root is the tree over its lines'
leaves. An erased line holds the leaf that it had, so neither changes when it is erased.
"""

import msgspec


class _Line(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="line", forbid_unknown_fields=True):
    topic: str
    """Without the installation's prefix."""
    partition: int
    offset: int
    """Kafka's, or the position in the local log."""
    time_ms: int
    """Kafka's record timestamp: when a receiver had it."""

    def __repr__(self) -> str:
        """Show where it stood, never what it says."""
        return f"<{type(self).__name__} {self.topic}/{self.partition}/{self.offset}>"


class OpenLine(_Line, frozen=True, kw_only=True, gc=False, tag="open"):
    """A record that anybody with the file can read."""

    salt: str
    """32 hexadecimal digits, derived from a secret of the archive: nobody guesses a short text from its leaf."""
    key: str
    headers: list[tuple[str, str]]
    value: msgspec.Raw
    """The value, byte for byte, where it is JSON without a line break; else null, and `value_base64` has it."""
    value_base64: str | None = None


class SealedLine(_Line, frozen=True, kw_only=True, gc=False, tag="sealed"):
    """A record under a key of its own, derived from a data key: an OpenLine, sealed with AES-256-GCM."""

    seal: str
    """The ID of the data key."""
    sealed: str
    """Base64 of nonce, ciphertext and tag. Additional data: topic/partition/offset/time_ms."""


class ErasedLine(_Line, frozen=True, kw_only=True, gc=False, tag="erased"):
    """A record that is no longer here. The ledger says who erased it and why."""

    leaf: str


class LeftLine(_Line, frozen=True, kw_only=True, gc=False, tag="left"):
    """A record that was never kept: the policy said so before it came."""


Line = OpenLine | SealedLine | ErasedLine | LeftLine

"""Which records a reader of the stream gets. Pure."""

import msgspec


class About(msgspec.Struct, frozen=True, gc=False):
    """What of a record says whose it is."""

    topic: str
    key: str
    enterprise: str


class Wanted(msgspec.Struct, frozen=True):
    """Everything has to fit. Readers who want the same share what is encoded for them."""

    topics: frozenset[str]
    meetings: frozenset[str] | None = None
    """Meeting IDs; None: all."""
    enterprises: frozenset[str] | None = None

    def fits(self, record: About) -> bool:
        """Whether a record is for this reader. Signs of life are no meeting's: who asks for one does not get them."""
        return (
            record.topic in self.topics
            and (self.meetings is None or record.key in self.meetings)
            and (self.enterprises is None or record.enterprise in self.enterprises)
        )

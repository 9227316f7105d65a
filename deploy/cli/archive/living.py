"""`meetwire archive hold`, `erase`."""

from argparse import Namespace
from typing import Any

from consumers.captions.archive import Archive
from consumers.captions.life import erasure, holds

from . import printing
from .opening import caught_up, resolved


async def hold(archive: Archive, arguments: Namespace) -> int:
    """Add, remove or list holds."""
    if arguments.hold == "list":
        return await _list(archive, arguments)
    if arguments.hold == "add":
        held = await _add(archive, arguments)
        _say(
            arguments, {"hold": arguments.id, "occurrences": held}, f"hold {arguments.id}: {len(held)} meetings by now"
        )
    else:
        await holds.remove(archive, arguments.id, who=arguments.who, why=arguments.why)
        _say(arguments, {"hold": arguments.id, "occurrences": []}, f"hold {arguments.id} is over")
    await archive.ledger.checkpoint()
    return 0


async def erase(archive: Archive, arguments: Namespace) -> int:
    """Erase, on somebody's request."""
    cues = None
    if arguments.cue is not None:
        cues = tuple(sorted({cue for first, last in arguments.cue for cue in range(first, last + 1)}))
    request = erasure.Request(
        occurrence=arguments.occurrence,
        who=arguments.who,
        why="request",
        reference=arguments.reference,
        cues=cues,
        participant=arguments.participant,
    )
    records = await erasure.erase(archive, request)
    await caught_up(archive)
    _say(
        arguments,
        {"occurrence": arguments.occurrence, "records": records},
        f"occurrence {arguments.occurrence}: {records} records erased; the ledger says so, with {arguments.reference}",
    )
    return 0


async def _add(archive: Archive, arguments: Namespace) -> list[str]:
    await caught_up(archive)
    occurrences = [await resolved(archive.catalogue, one) for one in arguments.occurrence]
    return await holds.add(
        archive,
        arguments.id,
        who=arguments.who,
        why=arguments.why,
        occurrences=occurrences,
        meeting_id=arguments.meeting,
    )


async def _list(archive: Archive, arguments: Namespace) -> int:
    found = await holds.listed(archive)
    await archive.access.note(who=arguments.who, what="holds", result="done" if found else "nothing")
    if arguments.json:
        printing.as_json(found)
    elif found:
        printing.table(
            ("hold", "since", "by", "on", "why"),
            [
                (one.hold, printing.moment(one.at), one.who, one.meeting_id or " ".join(one.occurrences), one.why)
                for one in found
            ],
        )
    else:
        print("no hold stands")
    return 0


def _say(arguments: Namespace, found: dict[str, Any], words: str) -> None:
    if arguments.json:
        printing.as_json(found)
    else:
        print(words)

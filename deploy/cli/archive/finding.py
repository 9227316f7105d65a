"""`meetwire archive search`, `show`, `export`, `rebuild`."""

import asyncio
import sys
from argparse import Namespace

from consumers.captions.archive import Archive
from consumers.captions.finding.asked import Asked
from consumers.captions.finding.rebuilding import rebuild as derive
from consumers.captions.handover.gathering import Wanted, gather
from consumers.captions.handover.packing import write

from . import printing
from .opening import caught_up, resolved

# A meeting has fewer cues than this: SQLite's integers end later.
_ALL = 2**62


async def search(archive: Archive, arguments: Namespace) -> int:
    """Print the hits."""
    await caught_up(archive)
    asked = await _asked(archive, arguments)
    hits = await archive.catalogue.search(asked)
    await archive.access.note(
        who=arguments.who,
        what="search",
        occurrences=sorted({hit.occurrence for hit in hits}),
        asked=" ".join([*arguments.words, *([arguments.speaker] if arguments.speaker else [])]),
        result="done" if hits else "nothing",
    )
    if arguments.json:
        printing.as_json(hits)
    else:
        for hit in hits:
            printing.hit(hit)
        if not hits:
            print("nothing found", file=sys.stderr)
        if len(hits) == asked.limit:
            print(f"the first {len(hits)}; --limit shows more", file=sys.stderr)
    return 0 if hits else 1


async def show(archive: Archive, arguments: Namespace) -> int:
    """Print a meeting's cues, or the list of meetings."""
    await caught_up(archive)
    if arguments.occurrence is None:
        return await _list(archive, arguments)
    occurrence = await resolved(archive.catalogue, arguments.occurrence)
    first, last = arguments.cue or (1, _ALL)
    said = await archive.catalogue.said(occurrence, first - arguments.context, last + arguments.context)
    await archive.access.note(
        who=arguments.who, what="show", occurrences=[occurrence], result="done" if said else "nothing"
    )
    if arguments.json:
        printing.as_json(said)
    for one in [] if arguments.json else said:
        printing.said(one, ">" if arguments.cue and first <= one.cue <= last else " ")
    if not said:
        why = "it has no such cue" if arguments.cue else "nothing of it can be read"
        print(f"{occurrence}: {why}", file=sys.stderr)
    return 0 if said else 1


async def export(archive: Archive, arguments: Namespace) -> int:
    """Write a package and say what is in it."""
    await caught_up(archive)
    occurrence = await resolved(archive.catalogue, arguments.occurrence)
    wanted = Wanted(
        occurrence=occurrence,
        cues=arguments.cue,
        redact=arguments.redact or bool(arguments.phrase),
        phrases=tuple(arguments.phrase),
        keep_names=tuple(arguments.keep_name),
    )
    # The export itself is in the log before anybody has it.
    await archive.access.note(who=arguments.who, what="export", occurrences=[occurrence])
    files = await gather(archive, wanted)
    await asyncio.to_thread(write, arguments.to, files)
    size = sum(map(len, files.values()))
    if arguments.json:
        printing.as_json({"occurrence": occurrence, "path": str(arguments.to), "files": len(files), "size": size})
    else:
        print(f"{arguments.to}: {len(files)} files, {size} bytes")
        print(f"to check it: meetwire archive verify --package {arguments.to} --public-key FILE")
    return 0


async def rebuild(archive: Archive, arguments: Namespace) -> int:
    """Derive all that can be read anew, and the catalogue; 1 where something is damaged."""
    done = await derive(archive)
    await archive.catalogue.clear()
    await caught_up(archive)
    await archive.access.note(who=arguments.who, what="rebuild")
    if arguments.json:
        printing.as_json(done)
    else:
        for damage in done.damaged:
            print(f"damaged: {damage}")
        print(
            f"{done.meetings} meetings; {len(done.versions)} new versions by other rules, "
            f"{len(done.restored)} files put back; {archive.settings.index_file} made anew"
        )
    return 1 if done.damaged else 0


async def _list(archive: Archive, arguments: Namespace) -> int:
    found = await archive.catalogue.meetings(
        Asked(
            meeting_id=arguments.meeting,
            enterprise=arguments.enterprise,
            since=arguments.since,
            until=arguments.until,
            limit=arguments.limit,
        )
    )
    await archive.access.note(who=arguments.who, what="show", result="done" if found else "nothing")
    if arguments.json:
        printing.as_json(found)
    elif found:
        printing.meetings(found)
    else:
        print("nothing found", file=sys.stderr)
    return 0 if found else 1


async def _asked(archive: Archive, arguments: Namespace) -> Asked:
    occurrence = arguments.occurrence
    if occurrence is not None:
        occurrence = await resolved(archive.catalogue, occurrence)
    return Asked(
        # A word with blanks in it was in quotes at the shell: then it is a phrase here.
        words=" ".join(f'"{word}"' if " " in word and '"' not in word else word for word in arguments.words) or None,
        speaker=arguments.speaker,
        meeting_id=arguments.meeting,
        occurrence=occurrence,
        enterprise=arguments.enterprise,
        language=arguments.language,
        since=arguments.since,
        until=arguments.until,
        limit=arguments.limit,
        context=arguments.context,
    )

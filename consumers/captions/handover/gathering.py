"""Gather from an archive what a package holds. What takes long is done in threads: a receiver may run here too."""

import asyncio
from collections.abc import Sequence
from importlib import resources
from typing import Final

import msgspec

from schemas.archive.cues import Cue, CuesHead
from schemas.archive.manifest import Manifest

from ..archive import Archive
from ..errors import Missing
from ..finding import files
from ..life.rewriting import is_gone
from ..life.versions import read_kept
from . import shapes
from .explained import explained, transcript_text
from .leaves import Leaf, as_shown, leaves_of, opening, visible
from .people import names_in
from .redacting import Redaction, redacted
from .shapes import Head
from .sworn import sworn

_encode: Final = msgspec.json.encode


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be handed over."""

    occurrence: str
    cues: tuple[int, int] | None = None
    """The first and the last; None: all."""
    redact: bool = False
    phrases: tuple[str, ...] = ()
    keep_names: tuple[str, ...] = ()
    """Names that stay: of the person who asks for a copy."""

    def __repr__(self) -> str:
        """Show no phrase and no name."""
        return f"<Wanted {self.occurrence}>"


async def gather(archive: Archive, wanted: Wanted) -> dict[str, bytes]:
    """Return the files of a package, by name.

    Raises Missing where the archive has no such occurrence, or no such cue of it; Altered; StoreUnavailable.
    """
    stands = await sworn(archive, wanted.occurrence)
    key = stands.kept.manifest
    manifest = (await read_kept(archive.store, stands.kept)).manifest
    if is_gone(manifest):
        raise Missing(f"occurrence {wanted.occurrence}: it was erased")
    all_cues = await files.cues(archive.store, archive.seals, key, manifest) or []
    leaves = await leaves_of(archive, manifest)
    cues = _wanted_cues(all_cues, wanted)
    redaction = await asyncio.to_thread(_redaction, leaves, all_cues, wanted)
    shown = await asyncio.to_thread(visible, leaves, cues, redaction, whole=wanted.cues is None)
    head = _head(key, manifest, wanted, [n for n, one in enumerate(leaves) if one.open is not None and n not in shown])
    whole = wanted.cues is None and redaction is None
    said = cues if redaction is None else await asyncio.to_thread(redacted, cues, redaction)
    return {
        shapes.HEAD: msgspec.json.format(_encode(head), indent=2) + b"\n",
        shapes.README: explained(head).encode(),
        shapes.FORMAT_TEXT: await asyncio.to_thread(_format_text),
        shapes.PUBLIC_KEY: f"{archive.key.verifier(archive.settings.name)}\n".encode(),
        shapes.MANIFEST: await archive.store.get(key),
        **stands.files,
        **await asyncio.to_thread(_evidence, leaves, shown),
        **(await _files(archive, key, manifest) if whole else await _cues(archive, key, manifest, said)),
        shapes.TEXT: await asyncio.to_thread(_text, manifest, said),
    }


def _text(manifest: Manifest, cues: Sequence[Cue]) -> bytes:
    return transcript_text(manifest, cues).encode("utf-8", "replace")


def _format_text() -> bytes:
    return resources.files("consumers.captions").joinpath("FORMAT.md").read_bytes()


def _wanted_cues(cues: Sequence[Cue], wanted: Wanted) -> list[Cue]:
    if wanted.cues is None:
        return list(cues)
    first, last = wanted.cues
    found = [cue for cue in cues if first <= cue.cue <= last]
    if not found:
        raise Missing(f"cue {first} to {last} of occurrence {wanted.occurrence}")
    return found


def _redaction(leaves: Sequence[Leaf], cues: Sequence[Cue], wanted: Wanted) -> Redaction | None:
    if not wanted.redact:
        return None
    names = {cue.speaker for cue in cues if cue.speaker is not None}
    for one in leaves:
        if one.open is not None:
            names |= names_in(one.open)
    return Redaction(names, wanted.phrases, keep=wanted.keep_names)


def _head(key: str, manifest: Manifest, wanted: Wanted, hidden: list[int]) -> Head:
    return Head(
        format=shapes.PACKAGE_FORMAT,
        archive=manifest.archive,
        occurrence=manifest.occurrence,
        version=manifest.version,
        manifest=key,
        redacted=wanted.redact,
        cues=wanted.cues,
        hidden=hidden,
        program=shapes.PROGRAM,
    )


def _evidence(leaves: Sequence[Leaf], shown: set[int]) -> dict[str, bytes]:
    found = {
        shapes.EVIDENCE: b"".join(as_shown(one, shown=n in shown) + b"\n" for n, one in enumerate(leaves)),
        shapes.LEAVES: b"".join(one.leaf.hex().encode() + b"\n" for one in leaves),
    }
    openings = [one for n in sorted(shown) if (one := opening(n, leaves[n])) is not None]
    if openings:
        found[shapes.OPENINGS] = b"".join(_encode(one) + b"\n" for one in openings)
    return found


async def _files(archive: Archive, key: str, manifest: Manifest) -> dict[str, bytes]:
    """Return the files beside the manifest, to be read: those that are sealed, opened."""
    found = {}
    for file in manifest.files:
        content = await files.content_of(archive.store, archive.seals, key, manifest, file)
        if content is not None:
            found[shapes.TRANSCRIPT + file.name] = content
    return found


async def _cues(archive: Archive, key: str, manifest: Manifest, cues: Sequence[Cue]) -> dict[str, bytes]:
    """Return captions.jsonl with some of the cues."""
    file = next((one for one in manifest.files if one.name == files.CUES), None)
    content = None if file is None else await files.content_of(archive.store, archive.seals, key, manifest, file)
    if content is None:
        return {}
    head = msgspec.json.decode(content.partition(b"\n")[0], type=CuesHead)
    head = msgspec.structs.replace(head, cues=len(cues))
    lines = [_encode(head), *map(_encode, cues)]
    return {shapes.TRANSCRIPT + files.CUES: b"".join(line + b"\n" for line in lines)}

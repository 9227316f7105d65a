"""Every way that somebody might alter an archive, and what is to be found: what, file, line, meetings."""

from __future__ import annotations

from schemas.archive import access_key, checkpoint_key, entry_key

from .altering import Alter, added, both, changed, copied, flipped, removed, resigned, swapped
from .building import folder
from .evidence_cases import ALL, EVIDENCE, FIRST, A, B, C, Told

FILES: dict[str, tuple[Alter, list[Told]]] = {
    "a file": (
        flipped(folder(1) + "captions.jsonl", 30),
        [("file_differs", folder(1) + "captions.jsonl", None, (B,))],
    ),
    "a file cut": (
        changed(folder(1) + "captions.zh-CN.vtt", lambda content: content[:-1]),
        [("file_differs", folder(1) + "captions.zh-CN.vtt", None, (B,))],
    ),
    "a file removed": (
        removed(folder(2) + "captions.zh-CN.vtt"),
        [("file_missing", folder(2) + "captions.zh-CN.vtt", None, (C,))],
    ),
    "a file added": (
        added(folder(0) + "captions.en-US.vtt", b"WEBVTT\n"),
        [("file_added", folder(0) + "captions.en-US.vtt", None, (A,))],
    ),
    "a manifest": (
        flipped(folder(1) + "manifest.json", 30),
        [("manifest_differs", folder(1) + "manifest.json", None, (B,))],
    ),
    "another meeting's manifest": (
        copied(folder(0) + "manifest.json", folder(1) + "manifest.json"),
        [("manifest_differs", folder(1) + "manifest.json", None, (B,))],
    ),
    "a manifest removed": (
        removed(folder(1) + "manifest.json"),
        [("manifest_missing", folder(1) + "manifest.json", None, (B,))],
    ),
    "a meeting removed": (removed(folder(1)), [("manifest_missing", folder(1) + "manifest.json", None, (B,))]),
    "a meeting added": (
        both(
            copied(folder(1) + "manifest.json", folder(9) + "manifest.json"),
            copied(folder(1) + "captions.jsonl", folder(9) + "captions.jsonl"),
        ),
        [("unbound", folder(9), None, ())],
    ),
    "a version added": (
        copied(folder(1) + "manifest.json", folder(1, 2) + "manifest.json"),
        [("unbound", folder(1, 2), None, ())],
    ),
}

LEDGER: dict[str, tuple[Alter, list[Told]]] = {
    "an entry": (
        flipped(entry_key(1), 9),
        [("entry_changed", entry_key(1), None, ()), ("unbound", folder(1), None, ())],
    ),
    "an entry's time": (
        changed(entry_key(1), lambda note: note.replace(b"2026-05-01T09", b"2026-05-01T08")),
        [("entry_changed", entry_key(1), None, ()), ("unbound", folder(1), None, ())],
    ),
    "the first entry removed": (
        removed(entry_key(0)),
        [("entry_missing", entry_key(0), None, ()), ("unbound", folder(0), None, ())],
    ),
    "two entries removed": (
        both(removed(entry_key(1)), removed(entry_key(2))),
        [
            ("entry_missing", entry_key(1), None, ()),
            ("unbound", folder(1), None, ()),
            ("unbound", folder(2), None, ()),
        ],
    ),
    "the last entry removed": (
        removed(entry_key(3)),
        [("ledger_shorter", checkpoint_key(4), None, ()), ("access_unsealed", access_key(0), None, ())],
    ),
    "an entry removed, and the rest moved up": (
        both(
            copied(entry_key(2), entry_key(1)),
            copied(entry_key(3), entry_key(2)),
            removed(entry_key(3)),
            removed(folder(1)),
        ),
        [
            ("entry_changed", entry_key(1), None, ()),
            ("entry_changed", entry_key(2), None, ()),
            ("ledger_shorter", checkpoint_key(4), None, ()),
            ("unbound", folder(2), None, ()),
            ("access_unsealed", access_key(0), None, ()),
        ],
    ),
    "entries in another order": (
        swapped(entry_key(0), entry_key(1)),
        [
            ("entry_changed", entry_key(0), None, ()),
            ("entry_changed", entry_key(1), None, ()),
            ("unbound", folder(0), None, ()),
            ("unbound", folder(1), None, ()),
        ],
    ),
    "an entry said again": (copied(entry_key(1), entry_key(4)), [("entry_changed", entry_key(4), None, ())]),
    "an entry that is none": (
        added(entry_key(4), b"\xff"),
        [("entry_changed", entry_key(4), None, ())],
    ),
    "an entry far away": (
        copied(entry_key(3), entry_key(10**11)),
        [("entry_missing", entry_key(4), None, ())],
    ),
    "a file among the entries": (
        added("ledger/entries/readme", b""),
        [("file_added", "ledger/entries/readme", None, ())],
    ),
    "a checkpoint": (
        flipped(checkpoint_key(4), 40),
        [("checkpoint_forged", checkpoint_key(4), None, ()), ("entries_unsigned", entry_key(3), None, ())],
    ),
    "a checkpoint's signature": (
        resigned(checkpoint_key(2), -10),
        [("checkpoint_forged", checkpoint_key(2), None, ())],
    ),
    "an older checkpoint in a newer one's place": (
        copied(checkpoint_key(2), checkpoint_key(4)),
        [("checkpoint_forged", checkpoint_key(4), None, ()), ("entries_unsigned", entry_key(3), None, ())],
    ),
    "the newest checkpoint removed": (removed(checkpoint_key(4)), [("entries_unsigned", entry_key(3), None, ())]),
    "all checkpoints removed": (
        removed("ledger/checkpoints"),
        [("checkpoint_missing", "ledger/checkpoints/", None, ()), ("entries_unsigned", entry_key(0), None, ())],
    ),
    "the ledger removed": (
        removed("ledger"),
        [
            ("other_key", "ledger/public.key", None, ()),
            ("checkpoint_missing", "ledger/checkpoints/", None, ()),
            *(("unbound", folder(meeting), None, ()) for meeting in range(3)),
            ("access_unsealed", access_key(0), None, ()),
        ],
    ),
    "the public key": (flipped("ledger/public.key", 50), [("other_key", "ledger/public.key", None, ())]),
}

STRANGE: dict[str, tuple[Alter, list[Told]]] = {
    "a file": (added("notes.txt", b"never said"), [("file_added", "notes.txt", None, ())]),
    "a folder": (
        both(added("transcripts/a/b.vtt", b""), added("transcripts/c.vtt", b"")),
        [("file_added", "transcripts/", None, ())],
    ),
    "a folder of the ledger's": (added("ledger/old/0", b""), [("file_added", "ledger/old/", None, ())]),
    "names that are no keys": (
        both(
            added("~notes/a", b""),
            added("meetings/acme/2026-05-01/a note.txt", b""),
            added(folder(0) + "字幕.vtt", b""),
        ),
        [
            ("file_added", folder(0) + "字幕.vtt", None, ()),
            ("file_added", "meetings/acme/2026-05-01/a note.txt", None, ()),
            ("file_added", "~notes/", None, ()),
        ],
    ),
    "what a store and its disk make": (both(added("~drafts/x", b""), added("lost+found/x", b"")), []),
}

ACCESSES: dict[str, tuple[Alter, list[Told]]] = {
    "an access": (flipped(access_key(0), 1), [("access_broken", access_key(0), None, ())]),
    "a word of an access": (
        changed(access_key(0), lambda content: content.replace(b"ann", b"bob")),
        [("access_broken", access_key(1), None, ())],
    ),
    "the first access removed": (removed(access_key(0)), [("access_broken", access_key(1), None, ())]),
    "the last access removed": (removed(access_key(1)), [("access_broken", "access/", None, ())]),
    "the last access": (flipped(access_key(1), 60), [("access_broken", "access/", None, ())]),
    "an access added": (
        changed(access_key(1), lambda content: content.replace(b"search", b"report")),
        [("access_broken", "access/", None, ())],
    ),
}

CASES = {
    f"{part}: {name}": case
    for part, cases in {
        "evidence": EVIDENCE,
        "files": FILES,
        "ledger": LEDGER,
        "access": ACCESSES,
        "strange": STRANGE,
    }.items()
    for name, case in cases.items()
}

__all__ = ["ALL", "CASES", "FIRST", "A", "B"]

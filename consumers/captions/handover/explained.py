"""The texts of a package: how to check it, and the transcript to read. Pure."""

from collections.abc import Sequence

from schemas.archive.cues import Cue
from schemas.archive.manifest import Manifest, Unseen

from .shapes import Head

_README = """\
This is a meeting from the captions archive {archive}: occurrence {occurrence}, version {version}.
{shown}
With meetwire:

  meetwire archive verify --package THIS --public-key KEY

Without: FORMAT.md has every step, with sha256sum and openssl alone. In short:

1. Compare public.key with the key that the archive's owner published elsewhere. The rest says no more than that the
   holder of this key stands for what is here.
2. ledger/checkpoint is signed by that key. It gives the size and the root of the ledger's tree.
3. ledger/proofs.json leads from each file of ledger/entries/ to that root. The entry that says "kept" has the SHA-256
   of manifest.json.
4. evidence.jsonl: the leaf of a line is SHA-256 over the byte 00 and the line without its newline; of a line that says
   "erased" it is the leaf that it names. The tree over all of them (RFC 9162) has the root that manifest.json has.
5. So each line that is shown is what it was, and none was added, moved or left out. What the transcript says stands in
   these lines: each cue names its records (event_ids), and each record its ID (ce_id).
"""
_WHOLE = "Everything is shown that is there.\n"
_PART = """\
{what} is shown. Of the other lines the leaves alone are here: they still prove that nothing else was changed, added or
left out, and say nothing of what is in them. Who spoke, and when a sentence began and ended, is derived from records
that are not shown: of the transcript here the words are proved, as far as their records are shown, and nothing else.
"""


def explained(head: Head) -> str:
    """Return README.txt."""
    what = "A part" if head.cues is None else f"What belongs to the cues {head.cues[0]} to {head.cues[1]}"
    if head.redacted:
        what += ", without names and phrases that had to go,"
    shown = _PART.format(what=what) if head.hidden or head.redacted else _WHOLE
    return _README.format(archive=head.archive, occurrence=head.occurrence, version=head.version, shown=shown)


def transcript_text(manifest: Manifest, cues: Sequence[Cue]) -> str:
    """Return what was said, a line a text."""
    head = [
        f"Meeting {manifest.meeting_id} ({manifest.enterprise}), occurrence {manifest.occurrence}",
        f"{_time(manifest.started_at)} to {_time(manifest.ended_at)}",
        *(_unseen(one) for one in manifest.unseen),
        "",
    ]
    # What cannot be written in UTF-8 stands there as it can.
    return "".join(f"{line}\n" for line in [*head, *(line for cue in cues for line in cue_lines(cue))])


def cue_lines(cue: Cue) -> list[str]:
    """Return the lines of one cue: when, who, and what in each language; what control characters do is taken away."""
    mark = "" if cue.final else "  (interim: the final text never came)"
    return [
        f"{cue.cue:5d}  {cue.spoken_at:%H:%M:%S}  {_plain(cue.speaker or '?')}  [{_plain(text.language)}]  "
        f"{_plain(text.text)}{mark}"
        for text in cue.texts
    ]


def _unseen(span: Unseen) -> str:
    return f"Not seen: {_time(span.since)} to {_time(span.until)}, {span.reason}"


def _time(at: object) -> str:
    return "?" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)

"""Write the manifest of an occurrence's next version. Pure."""

from importlib.metadata import version
from typing import Final

from schemas.archive import FORMAT
from schemas.archive.manifest import Kept, Manifest

from .formats import FORMAT_RULES
from .gathering import Evidence
from .transcript import FOLD_RULES, OCCURRENCE_RULES, Occurrence, Transcript

CUT_RULES: Final = 1
RULES: Final = {"cut": CUT_RULES, "occurrence": OCCURRENCE_RULES, "fold": FOLD_RULES, "format": FORMAT_RULES}
_PROGRAM: Final = f"meetwire {version('meetwire')}"


def described(
    archive: str,
    occurrence: Occurrence,
    transcript: Transcript,
    evidence: Evidence,
    decision: Kept,
    newest: Manifest | None,
) -> Manifest:
    """Return it, without its files; `newest` is the manifest of the version before."""
    return Manifest(
        format=FORMAT,
        archive=archive,
        occurrence=occurrence.id,
        version=1 if newest is None else newest.version + 1,
        because=_because(newest, evidence),
        enterprise=occurrence.enterprise,
        meeting_id=occurrence.meeting_id,
        meeting_uuid=occurrence.meeting_uuid,
        started_at=occurrence.started_at,
        ended_at=occurrence.ended_at,
        closed_by=occurrence.closed_by,
        decision=decision,
        records=evidence.records,
        root=evidence.root,
        evidence=evidence.stretches,
        captions=transcript.captions,
        cues=len(transcript.cues),
        unfinished=transcript.unfinished,
        languages=transcript.languages,
        unseen=transcript.unseen,
        files=[],
        program=_PROGRAM,
        rules=RULES,
    )


def is_same(manifest: Manifest, evidence: Evidence) -> bool:
    """Whether a version is of this evidence, by today's rules: there is nothing to be written anew."""
    return (manifest.root, manifest.evidence, manifest.rules) == (evidence.root, evidence.stretches, RULES)


def _because(newest: Manifest | None, evidence: Evidence) -> str:
    if newest is None:
        return "closed"
    return "rebuilt" if newest.root == evidence.root else "late"

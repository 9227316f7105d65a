"""Handing a meeting over: a package of transcript, evidence and proofs that a stranger checks without the archive.

package.json        what this is, and which lines are not shown
README.txt          how to check it, FORMAT.md the format in full
public.key          the archive's public key; compare it with what its owner published elsewhere
manifest.json       of the version, as it lies in the archive
evidence.jsonl      a line for each leaf of the meeting's tree, in its order; one that is not shown has its leaf alone
leaves.txt          the leaves once more, in hexadecimal: they name the very line that was changed
openings.jsonl      the record keys of sealed lines that are shown; each opens its line and no other
tombstones/…        lists of the lines that were erased
ledger/…            the entries that name the meeting, the checkpoint over them, and the proofs that they are in it
transcript/…        what was said, to read
"""

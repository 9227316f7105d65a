"""Check an archive as FORMAT.md says, with Python's own library and openssl, and nothing of ours.

    python auditor.py ARCHIVE PUBLIC_KEY [HELD_CHECKPOINT]

Prints what is wrong, a line each, and ends with 1 then. It is written from the page alone: where both disagree, one of
page, verifier and auditor is wrong.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SPKI = bytes.fromhex("302a300506032b6570032100")
ERASED = b'{"line":"erased",'


def sha(content: bytes) -> str:
    """Hash."""
    return hashlib.sha256(content).hexdigest()


def leaf_of(content: bytes) -> bytes:
    """Hash a leaf."""
    return hashlib.sha256(b"\0" + content).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """Return a tree's root."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def line_leaf(line: bytes) -> bytes:
    """Return a line's leaf; an erased one must be spelt as it is spelt."""
    if line.startswith(ERASED):
        try:
            told = json.loads(line)
            spelt = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
            members = ["line", "topic", "partition", "offset", "time_ms", "leaf"]
            if spelt == line and list(told) == members and len(told["leaf"]) == 64:
                return bytes.fromhex(told["leaf"])
        except (ValueError, TypeError):
            pass
    return leaf_of(line)


class Auditor:
    """Walks through the steps of the page."""

    def __init__(self, archive: Path, key: str, held: Path | None, work: Path) -> None:
        self.archive, self.held, self.work = archive, held, work
        self.name, _, encoded = key.strip().split("+", 2)
        (self.work / "key.der").write_bytes(SPKI + base64.b64decode(encoded)[1:])
        self.wrong: list[str] = []
        self.bound: set[Path] = set()
        self.said: list[dict[str, object]] = []

    def get(self, key: str) -> bytes | None:
        """Read a file of the archive."""
        path = self.archive / key
        return path.read_bytes() if path.is_file() else None

    def text_of(self, note: bytes) -> list[str] | None:
        """Return the lines of a note that the key signed."""
        text, _, signatures = note.rpartition(b"\n\n")
        for line in signatures.decode(errors="replace").splitlines():
            parts = line.split(" ")
            if len(parts) == 3 and parts[:2] == ["—", self.name]:
                (self.work / "text").write_bytes(text + b"\n")
                try:
                    (self.work / "signature").write_bytes(base64.b64decode(parts[2], validate=True)[4:])
                except ValueError:
                    return None
                asked = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin"]
                asked += ["-in", "text", "-sigfile", "signature"]
                done = subprocess.run(asked, cwd=self.work, capture_output=True, check=False)
                return text.decode().split("\n") if done.returncode == 0 else None
        return None

    def ledger(self) -> None:
        """Step 3, and step 7."""
        names = sorted(path.name for path in (self.archive / "ledger/entries").glob("*"))
        if names != [f"{number:012d}" for number in range(len(names))]:
            self.wrong.append("ledger/entries: not without gaps")
        notes = [self.get(f"ledger/entries/{name}") or b"" for name in names]
        leaves = [leaf_of(note) for note in notes]
        signed = 0
        for path in sorted((self.archive / "ledger/checkpoints").glob("*")):
            signed = max(signed, self.checkpoint(path, leaves))
        if signed == 0 and not (self.archive / "ledger/checkpoints/000000000000").exists():
            self.wrong.append("ledger/checkpoints: none")
        for number, note in enumerate(notes):
            text = note.split(b"\n")
            if (number >= signed and self.text_of(note) is None) or text[0] != str(number).encode():
                self.wrong.append(f"ledger/entries/{number:012d}: not signed as that")
            else:
                self.said.append(json.loads(text[1]))
        if self.held is not None:
            self.checkpoint(self.held, leaves)

    def checkpoint(self, path: Path, leaves: list[bytes]) -> int:
        """Return how many entries a checkpoint signs."""
        text = self.text_of(path.read_bytes())
        if text is None or text[0] != self.name:
            self.wrong.append(f"{path.name}: no checkpoint of this archive")
            return 0
        size = int(text[1])
        if size > len(leaves) or root_of(leaves[:size]) != base64.b64decode(text[2]):
            self.wrong.append(f"{path.name}: over other entries")
            return 0
        if path != self.held and path.name != f"{size:012d}":
            self.wrong.append(f"{path.name}: of another size")
        return size

    def meetings(self) -> None:
        """Step 4."""
        erased = list(self.erased())
        for number, said in enumerate(self.said):
            if said["says"] == "kept":
                later = [one for one in self.said[number + 1 :] if one.get("occurrence") == said["occurrence"]]
                self.meeting(said, erased, any(one["says"] == "erased" for one in later))

    def erased(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield segment, line and leaf of what was erased lawfully."""
        for said in self.said:
            if said["says"] == "erased":
                content = self.get(str(said["tombstone"]))
                if content is None or sha(content) != said["sha256"]:
                    self.wrong.append(f"{said['tombstone']}: not the ledger's")
                    continue
                for one in json.loads(content)["erased"]:
                    for line, leaf in zip(one["lines"], one["leaves"], strict=True):
                        yield one["segment"], line, bytes.fromhex(leaf)

    def meeting(self, said: dict[str, object], erased: list[tuple[str, int, bytes]], may_lack: bool) -> None:
        """Check a version of a meeting; `may_lack`: something of it was erased since."""
        key = str(said["manifest"])
        content = self.get(key)
        if content is None or sha(content) != said["sha256"]:
            self.wrong.append(f"{key}: not the ledger's")
            return
        manifest, folder = json.loads(content), key.removesuffix("manifest.json")
        if (manifest["records"], manifest["root"], manifest["archive"]) != (said["records"], said["root"], self.name):
            self.wrong.append(f"{key}: contradicts the ledger")
        listed = {"manifest.json"}
        for file in manifest["files"]:
            listed.add(file["name"])
            there = self.get(folder + file["name"])
            if (there is None and not may_lack) or (there is not None and sha(there) != file["sha256"]):
                self.wrong.append(f"{folder}{file['name']}: not the manifest's")
        for path in (self.archive / folder).iterdir():
            if path.name not in listed:
                self.wrong.append(f"{folder}{path.name}: in no manifest")
        leaves: list[bytes] = []
        for stretch in manifest["evidence"]:
            own = self.segment(stretch, erased)
            for first, count in stretch["lines"]:
                leaves += own[first : first + count]
        if root_of(leaves).hex() != manifest["root"]:
            self.wrong.append(f"{key}: not the tree of its evidence")

    def segment(self, stretch: dict[str, object], erased: list[tuple[str, int, bytes]]) -> list[bytes]:
        """Return a segment's leaves."""
        key = str(stretch["segment"])
        self.bound.add(self.archive / key)
        *lines, rest = (self.get(key) or b"").split(b"\n")
        leaves = [line_leaf(line) for line in lines]
        if rest or len(leaves) != stretch["records"] or root_of(leaves).hex() != stretch["root"]:
            self.wrong.append(f"{key}: not what the manifest binds")
        for number, line in enumerate(lines):
            if line.startswith(ERASED) and (key, number, leaves[number]) not in erased:
                self.wrong.append(f"{key}: line {number} erased, and nobody said so")
        return leaves

    def others(self) -> None:
        """Look at the segments that no manifest names."""
        for path in (self.archive / "evidence").glob("*/*/*/*.jsonl"):
            if path in self.bound:
                continue
            offsets = []
            for line in path.read_bytes().split(b"\n")[:-1]:
                try:
                    told = json.loads(line)
                except (ValueError, RecursionError):
                    told = {"topic": None}
                offsets.append(told["offset"] if told["topic"] == path.parts[-3] else -1)
            if offsets != sorted(set(offsets)) or path.name != f"{offsets[0]:020d}.jsonl":
                self.wrong.append(f"{path.name}: lines of elsewhere")

    def strange(self) -> None:
        """Step 6."""
        known = {"evidence", "meetings", "ledger", "access", "tombstones", "~drafts", "lost+found"}
        inner = {"entries", "checkpoints", "public.key"}
        for folder, names in ((self.archive, known), (self.archive / "ledger", inner)):
            self.wrong += [f"{path.name}: no place" for path in folder.glob("*") if path.name not in names]

    def accesses(self) -> None:
        """Step 5."""
        names = sorted(path.name for path in (self.archive / "access").glob("*"))
        heads = ["0" * 64]
        for number, name in enumerate(names):
            content = self.get(f"access/{name}") or b""
            try:
                previous = json.loads(content)["previous"]
            except ValueError:
                previous = ""
            if name != f"{number:012d}" or previous != heads[-1]:
                self.wrong.append(f"access/{name}: does not follow")
            heads.append(sha(content))
        for said in [said for said in self.said if said["says"] == "accesses"][-1:]:
            count = int(str(said["entries"]))
            if count >= len(heads) or heads[count] != said["head"]:
                self.wrong.append("access: not what the ledger knows of")


def audited(archive: Path, key: str, held: Path | None = None) -> Auditor:
    """Audit."""
    with tempfile.TemporaryDirectory() as work:
        auditor = Auditor(archive, key, held, Path(work))
        if auditor.get("ledger/public.key") != f"{key}\n".encode():
            auditor.wrong.append("ledger/public.key: another key")
        for step in (auditor.ledger, auditor.meetings, auditor.others, auditor.strange, auditor.accesses):
            step()
    return auditor


def main() -> None:
    """Audit what the command names."""
    archive, key, *held = sys.argv[1:]
    auditor = audited(Path(archive), key, Path(held[0]) if held else None)
    print("\n".join(auditor.wrong) or f"GOOD: {len(auditor.said)} entries")
    sys.exit(bool(auditor.wrong))


if __name__ == "__main__":
    main()

"""What is not in the store yet: segments that are open, and closed ones on their way. On disk, before it is promised.

Blocking, for one thread at a time. What comes again (a rebalance, a crash) is compared and skipped; the first that was
written stands. What it holds is what the source must give again if this disk is lost: `held` says from where on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from .cut import Cut
from .journal import MOST_BYTES, Extent, Journal
from .known import Known, entry_of, leaves_of
from .line import leaf
from .piece import Entry, Piece
from .recovering import recover

Place = tuple[str, int]
"""Topic and partition."""


class Spool:
    """The spool of one cluster's topics. Raises OSError for what the disk refuses."""

    def __init__(self, folder: Path, cluster: str, cut: Cut, *, file_bytes: int = MOST_BYTES) -> None:
        self.folder, self.cluster, self.cut = folder, cluster, cut
        self._pieces: dict[Place, list[Piece]] = {}
        # Of what is read again, until it is passed.
        self._known: dict[Place, Known] = {}
        self._is_broken = False
        self.conflicts: list[tuple[str, int, int]] = []
        """Topic, partition and offset of lines that came again as others. `conflicted` takes them out."""
        self._journal = Journal(folder / cluster, most_bytes=file_bytes)
        self.damaged = recover(self._journal, self)
        """Files that are not what was written: what they held is taken from the source again."""
        self._known.clear()
        self.conflicts.clear()
        self._journal.replayed()

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._journal.size

    def take(self, entries: Iterable[Entry]) -> None:
        """Return once all are on disk. Those that are there already are compared and skipped."""
        parts: dict[int, tuple[Piece, list[bytes]]] = {}
        going: dict[Place, tuple[Piece, list[bytes]]] = {}
        for entry in entries:
            place = (entry.topic, entry.partition)
            part = going.get(place)
            if part is None or not self._goes_right_on(part[0], entry):
                piece = self._piece_for(entry)
                if piece is None:
                    going.pop(place, None)
                    continue
                part = going[place] = parts.setdefault(id(piece), (piece, []))
            part[0].add(entry)
            part[1].append(entry.line)
        if parts:
            joined = [b"\n".join([*lines, b""]) for _, lines in parts.values()]
            for (piece, _), content, extent in zip(parts.values(), joined, self._append(joined), strict=True):
                piece.sum(content)
                self._note(piece, extent)

    def conflicted(self) -> list[tuple[str, int, int]]:
        """Return what came again as something else since this was asked last."""
        found, self.conflicts = self.conflicts, []
        return found

    def end(self, clocks: Mapping[int, int], margin_ms: int) -> None:
        """Close what nothing more is expected of, where each partition's records are at `clocks`."""
        for place, pieces in self._pieces.items():
            last = pieces[-1]
            clock = clocks.get(place[1])
            if clock is not None and self.cut.is_over(last.window, clock, margin_ms):
                self._end(last)

    def closed(self) -> list[Piece]:
        """Return the closed segments, each partition's in order. After a write that failed there are none."""
        if self._is_broken:
            return []
        return [piece for pieces in self._pieces.values() for piece in pieces if piece.is_closed]

    def pieces(self) -> list[Piece]:
        """Return all segments, each partition's in order."""
        return [piece for pieces in self._pieces.values() for piece in pieces]

    def next_closed(self, topic: str, partition: int) -> Piece | None:
        """Return a partition's first segment, if it is closed: they go in order, the rest of one before the next."""
        first = next(iter(self._pieces.get((topic, partition), ())), None)
        return first if first is not None and first.is_closed and not self._is_broken else None

    def content(self, piece: Piece) -> bytes:
        """Return a segment's lines, each with its newline."""
        return b"".join(self.parts(piece))

    def parts(self, piece: Piece) -> Iterator[bytes]:
        """Yield the same in parts. Raises OSError at its end where that is not what was written."""
        return self._journal.whole(piece.extents, piece.checksum)

    def done(self, topic: str, partition: int, last: int) -> None:
        """Let go of a partition's lines up to offset `last`: they are in the store."""
        place = (topic, partition)
        pieces = self._pieces.get(place, [])
        if any(piece.first <= last < piece.last for piece in pieces):
            self._begin_again(place, last)
            return
        self._journal.note(f"#done {topic} {partition} {last}".encode())
        if stays := [piece for piece in pieces if piece.last > last]:
            self._pieces[place] = stays
        else:
            self._pieces.pop(place, None)
        for piece in pieces:
            if piece.last <= last:
                self._let_go(piece)

    def know(self, piece: Piece, leaves: Mapping[int, bytes]) -> None:
        """Skip these offsets where they come: the store has them with `piece`, as another writer cut it."""
        if self._pieces[piece.place][-1].last < max(leaves):
            self._known[piece.place] = Known(dict(leaves), piece.first, is_stored=True)

    def cut_at(self, topic: str, partition: int, last: int) -> None:
        """Close a partition's last segment, if it ends at that offset."""
        if pieces := self._pieces.get((topic, partition)):
            pieces[-1].is_closed = pieces[-1].is_closed or pieces[-1].last == last

    def count_in(self, entry: Entry, extent: Extent) -> None:
        """Count in a line that an earlier run wrote, which lies there."""
        if (piece := self._piece_for(entry)) is not None:
            piece.add(entry)
            piece.sum(entry.line + b"\n")
            self._note(piece, extent)

    def drop(self, topic: str, partition: int) -> None:
        """Let go of a partition that others read now, from what was committed on."""
        self._journal.note(f"#drop {topic} {partition}".encode())
        self._known.pop((topic, partition), None)
        for piece in self._pieces.pop((topic, partition), ()):
            self._let_go(piece)

    def held(self) -> dict[Place, int]:
        """Return the first offset of each partition that is not in the store, or has to come again for what follows."""
        held = {place: pieces[0].first for place, pieces in self._pieces.items()}
        for place, known in self._known.items():
            held[place] = min(known.start, held.get(place, known.start))
        return held

    def first_ms(self, partition: int) -> int | None:
        """Return the earliest time of a record of this partition number that is not in the store; None: no such."""
        times = [piece.first_ms for place, pieces in self._pieces.items() if place[1] == partition for piece in pieces]
        return min(times, default=None)

    def places(self) -> list[Place]:
        """Return the partitions of which there is something."""
        return list(self._pieces)

    def close(self) -> None:
        """Close the files; what is in them stays."""
        self._journal.close()

    def _goes_right_on(self, piece: Piece, entry: Entry) -> bool:
        """Whether a line plainly follows: the short way for nearly all of them."""
        return (
            entry.offset > piece.last
            and entry.time_ms // self.cut.span_ms == piece.window
            and piece.size + len(entry.line) < self.cut.most_bytes
        )

    def _append(self, parts: list[bytes]) -> list[Extent]:
        try:
            return self._journal.append(parts)
        except OSError:
            # What was counted in is not on disk: nothing of it may go to the store. Opened again, all is as it was.
            self._is_broken = True
            raise

    def _piece_for(self, entry: Entry) -> Piece | None:
        """Return the segment that a line goes on or begins; None where it is there already."""
        place = (entry.topic, entry.partition)
        pieces = self._pieces.get(place)
        if place in self._known or (pieces and entry.offset <= pieces[-1].last):
            if self._is_known(place, entry):
                return None
            pieces = self._pieces.get(place)
        last = pieces[-1] if pieces else None
        if last is not None and not last.is_closed:
            if self.cut.goes_on(last.window, last.size, entry.time_ms, len(entry.line) + 1):
                return last
            last.is_closed = True
        piece = Piece.begun(entry, self.cut.window(entry.time_ms))
        self._pieces.setdefault(place, []).append(piece)
        return piece

    def _is_known(self, place: Place, entry: Entry) -> bool:
        """Whether a line is there already, or belongs to what another writer has in the store."""
        known = self._known.get(place)
        if known is None:
            pieces = self._pieces.get(place, [])
            lines = (line for piece in pieces for line in self._lines(piece))
            known = self._known[place] = Known(leaves_of(lines), pieces[0].first)
        if entry.offset < known.first:
            # The source went back behind all this, and gives it again: then it is made again, as it was.
            self.drop(*place)
            return False
        if entry.offset < known.last and entry.offset not in known.leaves and not known.is_stored:
            # A file of the spool was damaged. What lies behind the hole comes again, in order.
            self._write_again(place, lambda one: one.offset < entry.offset)
            return False
        if entry.offset >= known.last:
            del self._known[place]
        if entry.offset > known.last:
            return False
        if known.leaves.get(entry.offset) != leaf(entry.line):
            self.conflicts.append((*place, entry.offset))
        return True

    def _lines(self, piece: Piece) -> list[bytes]:
        return self.content(piece).split(b"\n")[:-1]

    def _note(self, piece: Piece, extent: Extent) -> None:
        if not piece.lies_at(extent):
            self._journal.pin(extent.file)

    def _let_go(self, piece: Piece) -> None:
        for extent in piece.extents:
            self._journal.unpin(extent.file)

    def _begin_again(self, place: Place, last: int) -> None:
        """Write what comes after offset `last` anew: the store has a segment that ends within one of ours."""
        known = self._known.get(place)
        self._write_again(place, lambda one: one.offset > last)
        if known is not None:
            self._known[place] = known

    def _write_again(self, place: Place, stays: Callable[[Entry], bool]) -> None:
        """Write a partition's lines anew, but for those that do not stay."""
        before = [(piece.is_closed, [entry_of(line) for line in self._lines(piece)]) for piece in self._pieces[place]]
        # These are not read again, but written again: what is known of them is not asked.
        self.drop(*place)
        for is_closed, entries in before:
            self.take(filter(stays, entries))
            if is_closed and (pieces := self._pieces.get(place)) and pieces[-1].last == entries[-1].offset:
                self._end(pieces[-1])

    def _end(self, piece: Piece) -> None:
        if not piece.is_closed:
            piece.is_closed = True
            self._journal.note(f"#cut {piece.topic} {piece.partition} {piece.last}".encode())

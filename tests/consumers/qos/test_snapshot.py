"""The file that a start begins with."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from consumers.qos.engine.engine import Engine
from consumers.qos.errors import StateInUse
from consumers.qos.snapshot import FILE_NAME, At, Damaged, Snapshot, owned, pack, read, rules_id, write
from consumers.qos.told import Told
from schemas.rules import QosRules, Rule

from .engine.told import alive, loss, roster, run, sample

RULES = QosRules(rules=(Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0, at_once=True),))


def snapshot() -> Snapshot:
    """Return one of a world in which something happened and something waits."""
    engine = Engine(RULES)
    run(engine, [sample("p-1", 3, loss(0.2)), sample("p-2", 4, loss(0.0)), roster(1, [])], until=20)
    engine.take(sample("p-1", 60, loss(0.3)))
    return Snapshot(
        cluster="c",
        rules=rules_id(RULES),
        places=[At("meeting.quality.v1", 0, 7)],
        alert_places=[At("meeting.alerts.v1", 0, 3)],
        state=engine.state,
        signs=[alive(70)],
        told=Told(),
        quiet_until_ms=5,
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """All of it, and nobody else may."""
    write(tmp_path, pack(snapshot()))

    assert read(tmp_path) == snapshot()
    assert os.stat(tmp_path / FILE_NAME).st_mode & 0o777 == 0o600


def test_where_nothing_was_written_there_is_none(tmp_path: Path) -> None:
    """The first start."""
    assert read(tmp_path) is None


def test_a_crash_while_writing_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is replaced whole, once it is on disk."""
    write(tmp_path, pack(snapshot()))

    def fail(_: int) -> None:
        raise OSError("no room")

    monkeypatch.setattr("consumers.qos.snapshot.os.fsync", fail)
    with pytest.raises(OSError, match="no room"):
        write(tmp_path, b"half of the next")

    assert read(tmp_path) == snapshot()


@pytest.mark.parametrize("byte", [0, 31, 32, -1])
def test_a_byte_that_rotted_is_found(tmp_path: Path, byte: int) -> None:
    """In the hash or in what it is of."""
    write(tmp_path, pack(snapshot()))
    content = bytearray((tmp_path / FILE_NAME).read_bytes())
    content[byte] ^= 1
    (tmp_path / FILE_NAME).write_bytes(content)

    with pytest.raises(Damaged, match="its hash does not fit"):
        read(tmp_path)


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(msgspec.msgpack.encode({"form": 2}), id="a later one"),
        pytest.param(msgspec.msgpack.encode({"form": 1}), id="another form under the same number"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_one_of_another_version_is_not_read(tmp_path: Path, packed: bytes) -> None:
    """Nor guessed at."""
    write(tmp_path, packed)

    with pytest.raises(Damaged, match="another version"):
        read(tmp_path)


def test_rules_have_an_identity() -> None:
    """The same for the same rules, each time that they are read."""
    read_rules = [msgspec.convert(msgspec.to_builtins(RULES), QosRules) for _ in range(2)]

    assert len({rules_id(rules) for rules in read_rules}) == 1
    assert rules_id(msgspec.structs.replace(RULES, watchdog=True)) != rules_id(RULES)


def test_a_folder_belongs_to_one_until_it_lets_go(tmp_path: Path) -> None:
    """And is made where it is missing."""
    with owned(tmp_path / "a" / "b"), pytest.raises(StateInUse), owned(tmp_path / "a" / "b"):
        pass

    with owned(tmp_path / "a" / "b"):
        pass

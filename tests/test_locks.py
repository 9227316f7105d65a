"""The locks name every package with its hashes, and no place to get it from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ["runtime", "extras", "build", "dev"]

ADDRESS = re.compile(r"https?:|^\s*-(?:-|i|f)(?!-?hash)|file:|@ ", re.MULTILINE)
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def lock(name: str) -> str:
    """Return the text of a lock."""
    return (ROOT / f"requirements/{name}.txt").read_text()


def pins(name: str) -> dict[str, str]:
    """Return package to version, of a lock."""
    return dict(PIN.findall(lock(name)))


def without_hash(text: str) -> list[str]:
    """Return the packages of a lock that have no hash."""
    return [block.split("==")[0] for block in re.split(r"\n(?=[a-z])", text) if "--hash=sha256:" not in block]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_with_hashes_and_without_addresses(name: str) -> None:
    """Where packages come from is each reader's own pip setting."""
    assert pins(name)
    assert ADDRESS.findall(re.sub("--hash=", "", lock(name))) == []
    assert without_hash(lock(name)) == []


def test_locks_agree() -> None:
    """What is tested is what is run and what the wheel is built with."""
    assert pins("dev").items() >= (pins("runtime") | pins("extras") | pins("build")).items()
    assert pins("extras").items() >= pins("runtime").items()


def test_npm_lock_has_integrity_and_no_addresses() -> None:
    """The same for the one npm package that the tests use, and for all that it brings."""
    packages = json.loads((ROOT / "tests/schemas/asyncapi/package-lock.json").read_text())["packages"]
    brought = {path: package for path, package in packages.items() if path}

    assert "node_modules/@asyncapi/parser" in brought
    assert [path for path, package in brought.items() if "resolved" in package or "integrity" not in package] == []


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("--index-url https://pypi.example/simple\n", id="index"),
        pytest.param("-i https://pypi.example/simple\n", id="index, short"),
        pytest.param("--find-links /wheels\n", id="folder of wheels"),
        pytest.param("a @ file:///wheels/a.whl\n", id="a file"),
        pytest.param("    # from https://pypi.example\n", id="in a comment"),
    ],
)
def test_address_is_caught(bad: str) -> None:
    """Each form of an address is seen."""
    assert ADDRESS.findall(bad)


def test_missing_hash_is_caught() -> None:
    """A pin without a hash is seen, between others that have one."""
    assert without_hash("a==1 \\\n    --hash=sha256:00\nb==2\nc==3 \\\n    --hash=sha256:00\n") == ["b"]

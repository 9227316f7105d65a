"""Hold the import rule, without running a module: receiver → schemas ← consumers; deploy composes them all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What of ours a module in a folder may import from outside it; the longest folder that holds a module decides.
ALLOWED = {
    "schemas": set[str](),
    "receiver": {"schemas"},
    "consumers": {"schemas"},
    "deploy": {"schemas", "receiver", "consumers"},
    # It must not share the code that it is there to check.
    "deploy/simulator": {"schemas"},
}
OURS = {"schemas", "receiver", "consumers", "deploy", "tests"}

# No I/O, no clock, no logging: the middle of the way of the data, and the contract.
_BY_NAME = {
    "receiver": "verify decode members redact redact_frame entry frames frame_drift entry_frames",
    "receiver/cloud": "ask auth errors reading paging meetings measured measured_calls push_configuration",
    "receiver/subscriber": (
        "subscription attempt asking conversation healing delays renewal repeats rules sequence meeting telling notes "
        "leftovers ownership standing thrift wanted"
    ),
    "receiver/quality": "budget calls entry known plan published samples waiting",
    "consumers/dashboard/access": "grants tokens limits",
    "consumers/dashboard/stream": "sse cursor wanted",
    "consumers/captions/proof": "merkle note checkpoint standing",
    "consumers/qos/notify": "labels letter saying words fitting window alertmanager",
    "consumers/qos/outbox": "lane journal",
    "consumers/qos/desk": "book remarks shapes",
    "consumers/captions/proof/verify": "judging locating segments plan holds meeting report",
}
PURE = [
    "schemas/**/*.py",
    "receiver/normalise/**/*.py",
    "consumers/captions/transcript/**/*.py",
    "consumers/captions/formats/**/*.py",
    "consumers/dashboard/projection/**/*.py",
    *(f"{folder}/{name}.py" for folder, names in _BY_NAME.items() for name in names.split()),
]
# Both listeners need it, and neither may import the other: the one module of the contract's folder that does something.
SHARED = {Path("schemas/door.py")}
IMPURE = {"aiohttp", "aiokafka", "asyncio", "time", "random", "structlog", "logging", "sqlite3", "socket"}


def imported(source: str, module: Path) -> Iterator[str]:
    """Yield the absolute dotted name of each thing that a module imports, wherever in it; `module` is its path."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = module.parts[:-1][: len(module.parts) - node.level] if node.level else ()
            origin = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def strangers(source: str, module: Path) -> list[str]:
    """Return what a module imports of ours and may not."""
    home = max((folder for folder in ALLOWED if module.is_relative_to(folder)), key=len)
    inside = home.replace("/", ".")
    return [
        name
        for name in imported(source, module)
        if name.split(".")[0] in OURS - ALLOWED[home] and not f"{name}.".startswith(f"{inside}.")
    ]


def impurities(source: str, module: Path) -> list[str]:
    """Return what a module imports that a pure one may not."""
    return [name for name in imported(source, module) if name.split(".")[0] in IMPURE]


def modules(*patterns: str) -> dict[Path, str]:
    """Return the sources of the modules that match, by their paths in the project."""
    return {path.relative_to(ROOT): path.read_text() for pattern in patterns for path in ROOT.glob(pattern)}


@pytest.mark.parametrize("folder", ALLOWED)
def test_package_imports_only_what_it_may(folder: str) -> None:
    """Receiver and consumers know the contract and never each other; nobody knows deploy."""
    found = modules(f"{folder}/**/*.py")

    assert found
    assert {str(path): strangers(source, path) for path, source in found.items() if strangers(source, path)} == {}


def test_pure_modules_import_nothing_that_does_something() -> None:
    """What decides has no I/O, no clock and no logging within reach."""
    found = {path: source for path, source in modules(*PURE).items() if path not in SHARED}

    assert modules(*PURE).keys() >= SHARED
    assert [pattern for pattern in PURE if not modules(pattern)] == []
    assert {str(path): impurities(source, path) for path, source in found.items() if impurities(source, path)} == {}


@pytest.mark.parametrize(
    ("module", "source", "caught"),
    [
        pytest.param("schemas/a.py", "import receiver", ["receiver"], id="schemas import the receiver"),
        pytest.param("receiver/a.py", "from consumers.tail import x", ["consumers.tail.x"], id="receiver a consumer"),
        pytest.param("consumers/a.py", "from deploy import cli", ["deploy.cli"], id="consumer deploy"),
        pytest.param("receiver/a.py", "def f():\n  import tests.kafka", ["tests.kafka"], id="inside a function"),
        pytest.param("receiver/b/a.py", "from ...deploy import cli", ["deploy.cli"], id="relative, out of the package"),
        pytest.param("deploy/simulator/a.py", "from receiver.verify import v", ["receiver.verify.v"], id="simulator"),
        pytest.param(
            "deploy/simulator/a.py", "from ..cli import main", ["deploy.cli.main"], id="simulator the command"
        ),
        pytest.param("deploy/simulator/a.py", "from . import day", [], id="simulator itself"),
        pytest.param("deploy/a.py", "from receiver import verify", [], id="deploy the receiver"),
        pytest.param("receiver/a.py", "from schemas.topics import T\nfrom .b import c\nimport json", [], id="receiver"),
    ],
)
def test_stranger_is_caught(module: str, source: str, caught: list[str]) -> None:
    """Each way to break the rule is seen, and what keeps it is not."""
    assert strangers(source, Path(module)) == caught


def test_impurity_is_caught() -> None:
    """A clock in a pure module is seen, however it is imported."""
    source = "import time\nfrom asyncio import sleep\nfrom datetime import datetime\n"

    assert impurities(source, Path("receiver/verify.py")) == ["time", "asyncio.sleep"]

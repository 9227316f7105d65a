"""Install the built wheel as an operator does, in an environment of its own, and try what it promises there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Building and installing asks the network, which may be slow.
pytestmark = pytest.mark.timeout(600)

# A sub-command in argparse's help: four blanks, its name, and what it is for.
COMMAND = re.compile(r"^    ([a-z][a-z-]*)(?: |$)", re.MULTILINE)

WHO_HAS_WHAT = """
import importlib.metadata, json
names = ("receiver", "consumers", "schemas", "deploy")
print(json.dumps({name: importlib.metadata.packages_distributions()[name] for name in names}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command to its end and return what it printed; fail the test with all of it where it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}", False)
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source folder with the locked build tools."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel, what runtime.txt says, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    pip: list[str | Path] = [folder / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    run(*pip, "--require-hashes", "-r", ROOT / "requirements/runtime.txt", cwd=folder)
    run(*pip, "--no-deps", wheel, cwd=folder)
    return folder / "bin"


def commands(meetwire: Path, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield every sub-command that the help of `path` shows, and theirs; asking each for its help on the way."""
    shown = run(meetwire, *path, "--help", cwd=meetwire.parent)
    for name in COMMAND.findall(shown):
        yield (*path, name)
        yield from commands(meetwire, *path, name)


def test_wheel_holds_the_packages_the_licence_and_the_format(wheel: Path) -> None:
    """No tests, no tools of the source folder: what is installed is what runs."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    # How a stranger checks an archive: who has the program has it at hand.
    assert "consumers/captions/FORMAT.md" in names
    assert "consumers/dashboard/page/index.html" in names
    assert [name for name in names if name.endswith(".png")] == []
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"receiver", "consumers", "schemas", "deploy"}


def test_every_command_says_what_it_does(installed: Path) -> None:
    """Every sub-command's --help exits 0, with nothing of the source folder within reach."""
    seen = list(commands(installed / "meetwire"))

    assert {("standalone",), ("receive",), ("tail",), ("send",), ("simulate",)} <= set(seen)


def test_packages_are_meetwires_own(installed: Path) -> None:
    """Nobody else in the environment has a package of these plain names."""
    owners = json.loads(run(installed / "python", "-c", WHO_HAS_WHAT, cwd=installed))

    assert owners == {name: ["meetwire"] for name in ("receiver", "consumers", "schemas", "deploy")}

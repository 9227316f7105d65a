"""Whatever is done in whatever order, a folder says what a dictionary would say."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.captions.stores.files import Files

# None is another's folder; some sort otherwise with their slashes than without.
KEYS = ["a/b", "a-/b", "a.b/c", "a/b.c", "a/c/d", "b", "b-", "b0/a"]
BEGINNINGS = ["", "a", "a/", "a/b", "a/c/", "b", "b0/", "c"]


class Done(NamedTuple):
    """One thing that is done."""

    what: str
    key: str
    content: bytes


DONE = st.builds(
    Done, st.sampled_from(["put", "put_file", "replace", "delete"]), st.sampled_from(KEYS), st.binary(max_size=3)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(DONE, max_size=25), st.sampled_from(BEGINNINGS), st.sampled_from(["", *KEYS]))
def test_a_folder_is_a_dictionary(done: list[Done], beginning: str, after: str) -> None:
    """Contents, keys in order, and who was first."""
    with tempfile.TemporaryDirectory() as folder:
        files, expected = Files(Path(folder) / "archive"), dict[str, bytes]()
        for number, one in enumerate(done):
            assert did(files, one, Path(folder) / f"spooled-{number}") == should(expected, one)

        assert dict(zip(KEYS, files.get_many(KEYS), strict=True)) == {key: expected.get(key) for key in KEYS}
        keys = [key for key in sorted(expected) if key.startswith(beginning) and key > after]
        assert list(files.keys(beginning, after)) == keys
        files.close()


def did(files: Files, one: Done, spooled: Path) -> bool:
    """Do it; return whether something was stored that was not there."""
    match one.what:
        case "put":
            return files.put(one.key, one.content)
        case "put_file":
            spooled.write_bytes(one.content)
            return files.put_file(one.key, spooled)
        case "replace":
            files.replace(one.key, one.content)
        case _:
            files.delete(one.key)
    return False


def should(expected: dict[str, bytes], one: Done) -> bool:
    """Do the same to a dictionary."""
    if one.what == "delete":
        expected.pop(one.key, None)
        return False
    if one.what == "replace":
        expected[one.key] = one.content
        return False
    is_new = one.key not in expected
    expected.setdefault(one.key, one.content)
    return is_new

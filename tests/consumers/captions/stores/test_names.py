"""A key is a name below the store, whatever anybody makes of it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consumers.captions.stores.names import checked, checked_prefix, is_key

ODD = st.text(st.sampled_from("ab./\\~-_:%* \n\0会"), max_size=30)


@given(text=ODD | st.text(max_size=30))
@example("..")
@example("a/..")
@example("../a")
@example("a/.../b")
def test_no_key_leads_out(text: str) -> None:
    """Its path, taken apart and put together, is itself, below wherever the store is; nothing in it is hidden."""
    if is_key(text):
        path = PurePosixPath(text)
        assert (str(path), path.is_absolute(), ".." in path.parts) == (text, False, False)
        assert str(Path("/store") / text) == f"/store/{text}"
        assert checked(text) == text
    else:
        with pytest.raises(ValueError, match="not a key"):
            checked(text)


@given(text=ODD, cut=st.integers(0, 30))
def test_every_beginning_of_a_key_is_a_prefix(text: str, cut: int) -> None:
    """But for those that end in a folder's name of dots alone, which nobody asks for."""
    beginning = text[:cut]
    if is_key(text) and beginning.rpartition("/")[2] not in {".", ".."}:
        assert checked_prefix(beginning) == beginning

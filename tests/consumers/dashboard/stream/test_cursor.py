"""A cursor says to any replica where a reader stands; a stranger's says nothing and breaks nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.dashboard.stream.cursor import BadCursor, read, spelt
from schemas.topics import TOPICS

PLACES = st.dictionaries(
    st.tuples(st.sampled_from(sorted(TOPICS)), st.integers(0, 40)), st.integers(0, 2**62), max_size=30
)


@given(st.text(max_size=40), PLACES)
def test_it_is_read_as_it_was_spelt(cluster: str, places: dict[tuple[str, int], int]) -> None:
    """Partitions of which nothing was read are not in it."""
    assert read(spelt(cluster, places)) == (cluster, places)


@given(st.text() | st.text("ABCDEFabcdef0123456789-_", max_size=200))
def test_a_strangers_is_refused_or_read(text: str) -> None:
    """Nothing else happens."""
    try:
        cluster, places = read(text)
    except BadCursor:
        return
    assert isinstance(cluster, str)
    assert all(offset >= 0 for offset in places.values())


@pytest.mark.parametrize("text", ["", "*", "é", "A" * 200_000, "kwLAgA", "kwHAgA"])
def test_what_is_none_is_refused(text: str) -> None:
    """Too long, of another version, of other bytes."""
    with pytest.raises(BadCursor):
        read(text)

"""Messages that are as long as they may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.notify.fitting import fitted, flat
from consumers.qos.notify.robots import markdown
from consumers.qos.notify.saying import Said

SAID = st.builds(Said, st.text(min_size=1, max_size=150), st.lists(st.text(max_size=150), max_size=8))


@given(st.lists(SAID, min_size=1, max_size=10))
def test_whatever_is_said_fits_and_every_headline_begins(said: list[Said]) -> None:
    """The limit of WeCom, which has the least room: 4,096 bytes of UTF-8."""
    text = fitted(said, lambda shown: markdown("headline", shown, newline="\n").encode(), 4_096).decode()

    assert len(text.encode()) <= 4_096
    assert all(flat(one.headline[:20]) in text for one in said)


def test_what_fits_is_said_whole() -> None:
    """Nothing is left out that has room."""
    said = [Said("one", ["a", "b", "c"]), Said("two", ["d"])]

    assert fitted(said, lambda shown: markdown("all", shown).encode(), 1_000) == (
        b"### all\n\n**one**\n\na\n\nb\n\nc\n\n**two**\n\nd"
    )
    assert (
        fitted(said, lambda shown: markdown("all", shown).encode(), 36)
        == b"### all\n\n**one**\n\na\n\nb\n\n**two**\n\nd"
    )
    assert fitted(said, lambda shown: markdown("all", shown).encode(), 30) == b"### all\n\n**one**\n\n**two**"


def test_where_there_is_little_room_headlines_are_cut() -> None:
    """All of them, alike."""
    said = [Said("a" * 200, []), Said("b" * 200, [])]

    def sized(most_bytes: int) -> list[int]:
        body = fitted(said, lambda shown: b"\n".join(one.headline.encode() for one in shown), most_bytes)
        return [len(line) for line in body.split(b"\n")]

    assert [sized(most) for most in (401, 400, 200, 100, 1)] == [[200, 200], [100, 100], [50, 50], [20, 20], [20, 20]]


def test_no_markup_of_a_strangers_is_left() -> None:
    """Neither a link, nor a mention, nor emphasis."""
    assert flat("[x](http://y) <@all> **b** # `c`") == "［x］(http://y) ‹＠all› ＊＊b＊＊ ＃ 'c'"

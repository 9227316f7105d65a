"""A session is a signed word that ends: by time, by use, by another password, by going out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumers.dashboard.access.roll import User
from consumers.dashboard.access.sessions import IDLE_S, LASTS_S, RENEW_S, Cookies, begun, stamp_of

ANN = User(user="ann", role="admin", password="$argon2id$1")
NOW = 1_000_000.0


def test_it_is_read_as_it_was_written() -> None:
    """By every process that has the same secret, and by no other."""
    session = begun(ANN, NOW)
    cookie = Cookies("s").written(session)

    assert Cookies("s").read(cookie, NOW) == session
    assert Cookies("t").read(cookie, NOW) is None


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda one: one.decode("latin-1")))
def test_nobody_makes_one_up(text: str) -> None:
    """Whatever is in the cookie."""
    assert Cookies("s").read(text, NOW) is None
    assert Cookies("s").read(f"{Cookies('s').written(begun(ANN, NOW))}{text or 'x'}", NOW) is None


def test_it_ends_by_time_and_without_use() -> None:
    """Half an hour idle; twelve hours whatever happens."""
    cookies = Cookies("s")
    session = begun(ANN, NOW)
    cookie = cookies.written(session)

    assert [cookies.read(cookie, NOW + later) is not None for later in (0, IDLE_S - 1, IDLE_S)] == [True, True, False]
    last = session
    for step in range(RENEW_S, LASTS_S + RENEW_S, RENEW_S):
        fresh = cookies.renewed(last, NOW + step)
        assert fresh is not None
        last = fresh
    assert (last.begun_s, cookies.read(cookies.written(last), NOW + LASTS_S)) == (session.begun_s, None)
    assert cookies.lasts(session, NOW + LASTS_S - 1) is True


def test_it_is_not_given_out_anew_with_every_answer() -> None:
    """Five minutes are soon enough."""
    assert Cookies("s").renewed(begun(ANN, NOW), NOW + RENEW_S - 1) is None


def test_one_that_was_ended_holds_no_more() -> None:
    """On this process; and is forgotten when it would be over anyway."""
    cookies = Cookies("s")
    session, other = begun(ANN, NOW), begun(ANN, NOW)

    cookies.end(session, NOW)

    assert cookies.read(cookies.written(session), NOW) is None
    cookies.end(other, NOW + LASTS_S + 1)
    assert cookies.lasts(other, NOW) is False


def test_another_password_or_role_is_another_stamp() -> None:
    """And each login is another session."""
    stamps = {
        stamp_of(user)
        for user in (ANN, User(user="ann", role="viewer", password="$argon2id$1"), User(user="ann", role="admin"))
    }

    assert len(stamps) == 3
    assert begun(ANN, NOW).id != begun(ANN, NOW).id


def test_a_token_against_forgery_is_of_one_session() -> None:
    """And tells nothing of it."""
    cookies = Cookies("s")

    assert cookies.csrf("one") != cookies.csrf("two")
    assert cookies.csrf("one") == Cookies("s").csrf("one") != Cookies("t").csrf("one")
    assert repr(begun(ANN, NOW)) == "<Session of ann>"

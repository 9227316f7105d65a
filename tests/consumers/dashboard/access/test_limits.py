"""Who guesses has to wait; who does not, not for long because of somebody who does."""

from __future__ import annotations

from consumers.dashboard.access.limits import WINDOW_S, Guesses


def failed(guesses: Guesses, times: int, user: str = "ann", address: str = "1.1.1.1", at_s: float = 0.0) -> None:
    """Fail so often."""
    for _ in range(times):
        guesses.failed(user, address, at_s)


def test_five_failures_of_one_pair_make_it_wait() -> None:
    """Until the first of them is a quarter of an hour old; others do not wait."""
    guesses = Guesses()
    failed(guesses, 4)
    assert guesses.wait_s("ann", "1.1.1.1", 0.0) is None

    failed(guesses, 1, at_s=10.0)

    assert guesses.wait_s("ann", "1.1.1.1", 10.0) == int(WINDOW_S) - 10 + 1
    assert guesses.wait_s("ann", "1.1.1.1", WINDOW_S) is None
    assert (guesses.wait_s("bob", "1.1.1.1", 10.0), guesses.wait_s("ann", "2.2.2.2", 10.0)) == (None, None)


def test_an_address_that_tries_many_names_waits() -> None:
    """Whichever name it tries next."""
    guesses = Guesses()
    for number in range(20):
        guesses.failed(f"user {number}", "1.1.1.1", 0.0)

    assert guesses.wait_s("somebody else", "1.1.1.1", 0.0) is not None
    assert guesses.wait_s("somebody else", "2.2.2.2", 0.0) is None


def test_a_name_that_is_tried_from_everywhere_waits() -> None:
    """A hundred failures from a hundred addresses."""
    guesses = Guesses()
    for number in range(100):
        guesses.failed("ann", f"10.0.0.{number}", 0.0)

    assert guesses.wait_s("ann", "2.2.2.2", 0.0) is not None


def test_a_good_password_takes_its_try_back() -> None:
    """An office behind one address logs in all morning."""
    guesses = Guesses()
    for number in range(200):
        guesses.failed(f"user {number % 7}", "1.1.1.1", 0.0)
        guesses.succeeded(f"user {number % 7}", "1.1.1.1")

    assert guesses.wait_s("ann", "1.1.1.1", 0.0) is None
    guesses.succeeded("nobody", "9.9.9.9")


def test_who_has_a_network_has_one_address() -> None:
    """Of IPv6 a /64: nobody gets two to the sixty-fourth tries by it; the next one is somebody else's."""
    guesses = Guesses()
    for number in range(20):
        guesses.failed(f"user {number}", f"2001:db8:0:1::{number:x}", 0.0)

    waits = [guesses.wait_s("x", address, 0.0) for address in ("2001:db8:0:1:ffff::1", "2001:db8:0:2::1")]

    assert waits == [int(WINDOW_S) + 1, None]


def test_a_try_that_nobody_looked_at_is_none() -> None:
    """It is taken back, and the failures before it stay."""
    guesses = Guesses()
    failed(guesses, 4)
    for _ in range(30):
        failed(guesses, 1)
        guesses.untried("ann", "1.1.1.1")
    assert guesses.wait_s("ann", "1.1.1.1", 0.0) is None

    failed(guesses, 1)

    assert guesses.wait_s("ann", "1.1.1.1", 0.0) is not None


def test_what_is_remembered_is_bounded() -> None:
    """Of very many addresses those that failed longest ago are forgotten."""
    guesses = Guesses()
    failed(guesses, 5)
    for number in range(10_000):
        guesses.failed("bob", f"address {number}", 0.0)

    assert guesses.wait_s("ann", "1.1.1.1", 0.0) is None

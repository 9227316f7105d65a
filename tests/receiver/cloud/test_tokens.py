"""The access token: had once for all, renewed in time, with the key that works."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import msgspec
import pytest

from receiver.cloud import Barred, ClockSkew, Unauthenticated, Unreachable
from receiver.cloud.auth import sign, signed_text
from schemas.settings import Secret
from tests.receiver.lines import lines_caught

from .asking import KEY, NOON, OTHER_KEY, Parts, app, asking
from .service import APPAUTH, ONLINE, TOKEN, Asked, Reply, grant, refusal

EMPTY = Reply(200, {"count": 0, "data": []})
REFUSED = refusal(401, "USG.201040001")
INVALID = refusal(401, "USG.000000004")


def tokens(parts: Parts) -> list[str]:
    """Return the access token of each call, in order."""
    return [asked.headers["X-Access-Token"] for asked in parts.service.of(ONLINE)]


def renewals(parts: Parts) -> list[str]:
    """Return the ways by which tokens were asked for, in order."""
    ways = {APPAUTH: "authenticate", TOKEN: "refresh"}
    return [ways[asked.path] for asked in parts.service.asked if asked.path in ways]


async def counted(parts: Parts, way: str, outcome: str) -> float | None:
    """Return how many renewals ended so."""
    return await asyncio.to_thread(
        parts.meters.value, "meetwire_cloud_renewals_total", enterprise="acme", way=way, outcome=outcome
    )


async def test_a_token_is_used_for_many_calls() -> None:
    """One authentication, however many ask at once, and as long as it is good; each with a nonce of its own."""
    async with asking() as parts:
        parts.service.answers(ONLINE, EMPTY)

        await asyncio.gather(*(parts.cloud.online_meetings() for _ in range(20)))
        await parts.cloud.online_meetings()

        assert (renewals(parts), tokens(parts)) == (["authenticate"], ["access-1"] * 21)
        nonce = msgspec.json.decode(parts.service.asked[0].body)["nonce"]
        assert 32 <= len(nonce) <= 64


async def test_who_gives_up_waiting_does_not_end_it_for_the_others() -> None:
    """A cancelled call leaves the authentication that it began to those who wait for it too."""
    async with asking() as parts:
        parts.service.answers(ONLINE, EMPTY)
        parts.service.hold.clear()
        first, second = (asyncio.create_task(parts.cloud.online_meetings()) for _ in range(2))
        await parts.service.was_asked(APPAUTH, 1)

        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        parts.service.hold.set()

        assert (await second, renewals(parts)) == ([], ["authenticate"])


async def test_a_token_is_refreshed_before_it_ends() -> None:
    """Half an hour before; who asks meanwhile has the old one at once."""
    async with asking() as parts:
        parts.service.answers(ONLINE, EMPTY)
        await parts.cloud.online_meetings()
        parts.clock.forward(43_200 - 1_801)
        await parts.cloud.online_meetings()
        assert renewals(parts) == ["authenticate"]

        parts.clock.forward(1)
        await parts.cloud.online_meetings()
        await parts.service.was_asked(TOKEN, 1)
        while tokens(parts)[-1] == "access-1":
            await parts.cloud.online_meetings()

        assert renewals(parts) == ["authenticate", "refresh"]
        assert tokens(parts)[-1] == "access-2"
        (asked,) = parts.service.of(TOKEN)
        assert (asked.method, asked.headers["X-Access-Token"], asked.body) == ("PUT", "refresh-1", b"")
        assert await counted(parts, "refresh", "good") == 1


async def test_a_refresh_that_fails_is_a_full_authentication() -> None:
    """Whatever stands against the refresh token."""
    async with asking() as parts:
        parts.service.answers(ONLINE, EMPTY)
        parts.service.answers(TOKEN, refusal(401, "USG.1"))
        await parts.cloud.online_meetings()
        parts.clock.forward(43_200)

        await parts.cloud.online_meetings()

        assert renewals(parts) == ["authenticate", "refresh", "authenticate"]
        assert tokens(parts) == ["access-1", "access-2"]
        assert await counted(parts, "refresh", "unauthenticated") == 1
        assert await counted(parts, "authenticate", "good") == 2


async def test_a_refresh_token_that_has_ended_is_not_tried() -> None:
    """It has a life of its own."""
    async with asking() as parts:
        parts.service.answers(APPAUTH, grant(1, refreshValidPeriod=43_200), grant(2))
        parts.service.answers(ONLINE, EMPTY)
        await parts.cloud.online_meetings()
        parts.clock.forward(43_200)
        await parts.cloud.online_meetings()

        assert renewals(parts) == ["authenticate", "authenticate"]


async def test_a_good_token_is_used_on_where_it_cannot_be_renewed() -> None:
    """Renewing is tried again each minute, and calls go on until the token really ends."""
    async with asking() as parts:
        parts.service.answers(APPAUTH, grant(1), refusal(503))
        parts.service.answers(TOKEN, refusal(503))
        parts.service.answers(ONLINE, EMPTY)
        await parts.cloud.online_meetings()
        parts.clock.forward(43_200 - 1_800)

        await parts.cloud.online_meetings()
        await parts.service.was_asked(APPAUTH, 1 + 4)
        await parts.cloud.online_meetings()
        assert tokens(parts) == ["access-1"] * 3

        parts.clock.forward(1_800)
        with pytest.raises(Exception, match=r"^Faulty \(503\)$"):
            await parts.cloud.online_meetings()


async def test_a_token_that_the_service_drops_is_replaced_and_the_call_repeated() -> None:
    """At 64 live tokens the oldest ends early; no caller notices, and all that were hit share the next."""
    async with asking() as parts:
        parts.service.answers(ONLINE, lambda asked: INVALID if asked.headers["X-Access-Token"] == "access-1" else EMPTY)

        found = await asyncio.gather(*(parts.cloud.online_meetings() for _ in range(5)))

        assert found == [[]] * 5
        assert renewals(parts) == ["authenticate", "authenticate"]
        assert sorted(tokens(parts)) == ["access-1"] * 5 + ["access-2"] * 5


async def test_a_call_is_repeated_with_a_new_token_once() -> None:
    """A service that takes none is not asked for ever."""
    async with asking() as parts:
        parts.service.answers(ONLINE, INVALID)
        with pytest.raises(Unauthenticated) as raised:
            await parts.cloud.online_meetings()

        assert (raised.value.code, raised.value.status) == ("USG.000000004", 401)
        assert tokens(parts) == ["access-1", "access-2"]


async def test_a_refusal_for_another_reason_does_not_cost_the_token() -> None:
    """A 401 that says something else is told as it is; one that says nothing may be the token's."""
    async with asking() as parts:
        parts.service.answers(ONLINE, REFUSED)
        with pytest.raises(Unauthenticated):
            await parts.cloud.online_meetings()
        assert tokens(parts) == ["access-1"]

        parts.service.answers(ONLINE, refusal(401), EMPTY)
        assert await parts.cloud.online_meetings() == []
        assert tokens(parts) == ["access-1", "access-1", "access-2"]


def signed_by(parts: Parts) -> list[int]:
    """Return which key each authentication was signed with, by its number; 0 for none of ours."""

    def number(asked: Asked) -> int:
        body = msgspec.json.decode(asked.body)
        text = signed_text(app("https://host"), expire_time=body["expireTime"], nonce=body["nonce"])
        keys = (KEY, OTHER_KEY)
        return next((n for n, key in enumerate(keys, 1) if sign(text, key) in asked.headers["Authorization"]), 0)

    return [number(asked) for asked in parts.service.of(APPAUTH)]


async def test_the_next_key_is_tried_where_one_is_refused_and_remembered() -> None:
    """While a key is being replaced; the one that worked comes first the next time."""
    async with asking(keys=(KEY, OTHER_KEY)) as parts:
        parts.service.answers(APPAUTH, REFUSED, grant(1), grant(2))
        parts.service.answers(ONLINE, EMPTY, INVALID, EMPTY)
        with lines_caught() as lines:
            await parts.cloud.online_meetings()
            await parts.cloud.online_meetings()

        assert signed_by(parts) == [1, 2, 2]
        assert lines == [
            {"event": "cloud.key_refused", "log_level": "warning", "enterprise": "acme", "key": 1, "keys": 2}
        ]


async def test_all_keys_refused_is_said_once_and_the_service_left_alone() -> None:
    """Whoever asks within a minute hears the same without a request; then it is tried again."""
    async with asking(keys=(KEY, OTHER_KEY)) as parts:
        parts.service.answers(APPAUTH, REFUSED)
        with lines_caught() as lines:
            for _ in range(3):
                with pytest.raises(Unauthenticated) as raised:
                    await parts.cloud.online_meetings()
                assert not isinstance(raised.value, ClockSkew)
        assert signed_by(parts) == [1, 2]
        assert [line["event"] for line in lines] == ["cloud.key_refused", "cloud.key_refused", "cloud.refused"]
        assert lines[-1] == {
            "event": "cloud.refused",
            "log_level": "error",
            "enterprise": "acme",
            "reason": "Unauthenticated (401, USG.201040001)",
            "keys": 2,
        }

        parts.clock.forward(60)
        parts.service.answers(APPAUTH, grant(1))
        parts.service.answers(ONLINE, EMPTY)
        assert await parts.cloud.online_meetings() == []


async def test_new_keys_are_tried_at_once() -> None:
    """SIGHUP with the right key ends the minute."""
    async with asking() as parts:
        parts.service.answers(APPAUTH, REFUSED, grant(1))
        parts.service.answers(ONLINE, EMPTY)
        with pytest.raises(Unauthenticated):
            await parts.cloud.online_meetings()

        parts.cloud.replace_keys((OTHER_KEY,))

        assert await parts.cloud.online_meetings() == []
        assert signed_by(parts) == [1, 2]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(-301, "this machine's clock is 301 s ahead of the service's; set it right", id="ahead"),
        pytest.param(3_600, "this machine's clock is 3600 s behind the service's; set it right", id="behind"),
    ],
)
async def test_a_clock_that_is_off_is_told_by_how_much(seconds: float, words: str) -> None:
    """By the Date of the refusal: a signature's end is judged by the service's clock."""
    async with asking() as parts:
        date = format_datetime(NOON + timedelta(seconds=seconds), usegmt=True)
        parts.service.answers(APPAUTH, refusal(401, "USG.1", Date=date))
        with lines_caught() as lines:
            for _ in range(2):
                with pytest.raises(ClockSkew) as raised:
                    await parts.cloud.online_meetings()
                assert raised.value.ahead_s == -seconds
                assert str(raised.value) == f"ClockSkew (401, USG.1): {words}"

        assert [line["reason"] for line in lines.named("cloud.refused")] == [f"ClockSkew (401, USG.1): {words}"]


@pytest.mark.parametrize("date", [format_datetime(NOON + timedelta(seconds=59), usegmt=True), "yesterday", ""])
async def test_a_clock_that_is_nearly_right_is_not_blamed(date: str) -> None:
    """Nor where the service's time is not to be had."""
    async with asking() as parts:
        parts.service.answers(APPAUTH, refusal(401, Date=date))
        with pytest.raises(Unauthenticated) as raised:
            await parts.cloud.online_meetings()

        assert type(raised.value) is Unauthenticated


@pytest.mark.parametrize(
    ("status", "outcome", "why"),
    [
        (403, "forbidden", "the account is disabled or locked"),
        (412, "forbidden", "the account is disabled or locked"),
        (423, "forbidden", "the account is disabled or locked"),
        (400, "bad_request", "App ID or address are wrong"),
        (404, "not_found", "App ID or address are wrong"),
    ],
)
async def test_an_account_that_gets_no_token_is_told_as_that_and_left_alone(
    status: int, outcome: str, why: str
) -> None:
    """No answer about a meeting, and no other key is tried; whoever asks within a minute costs no request."""
    reason = f"Barred ({status}): no token is given; {why}"
    async with asking(keys=(KEY, OTHER_KEY)) as parts:
        parts.service.answers(APPAUTH, refusal(status))
        with lines_caught() as lines:
            for _ in range(3):
                with pytest.raises(Barred) as raised:
                    await parts.cloud.meeting("900")
                assert str(raised.value) == reason

        assert signed_by(parts) == [1]
        assert [(line["event"], line["reason"]) for line in lines] == [("cloud.refused", reason)]
        assert await counted(parts, "authenticate", outcome) == 1

        parts.clock.forward(60)
        parts.service.answers(APPAUTH, grant(1))
        parts.service.answers(ONLINE, EMPTY)
        assert await parts.cloud.online_meetings() == []


async def test_a_service_that_takes_no_token_is_not_asked_for_one_by_each_call() -> None:
    """One that was just given in another's place is not replaced for a minute: ten thousand calls would be as many."""
    async with asking() as parts:
        parts.service.answers(ONLINE, refusal(401))
        for _ in range(4):
            with pytest.raises(Unauthenticated):
                await parts.cloud.online_meetings()
        assert renewals(parts) == ["authenticate"] * 2

        parts.clock.forward(60)
        with pytest.raises(Unauthenticated):
            await parts.cloud.online_meetings()
        assert renewals(parts) == ["authenticate"] * 3


async def test_closing_ends_a_renewal_that_is_on_its_way() -> None:
    """Nothing is left running."""
    async with asking() as parts:
        parts.service.hold.clear()
        call = asyncio.create_task(parts.cloud.online_meetings())
        await parts.service.was_asked(APPAUTH, 1)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    assert [task for task in asyncio.all_tasks() if "Tokens._renew" in repr(task)] == []


async def test_each_try_of_an_authentication_is_signed_anew() -> None:
    """A signature is good for one: the service may refuse a nonce that it has seen."""
    async with asking() as parts:
        parts.service.answers(APPAUTH, refusal(500), grant(1))
        parts.service.answers(ONLINE, EMPTY)
        await parts.cloud.online_meetings()

        nonces = {msgspec.json.decode(asked.body)["nonce"] for asked in parts.service.of(APPAUTH)}
        assert len(nonces) == 2


async def test_a_service_that_is_away_is_not_a_refused_key() -> None:
    """The keys may be good."""
    async with asking(address="http://127.0.0.1:1", keys=(KEY, Secret("another"))) as parts:
        with pytest.raises(Unreachable):
            await parts.cloud.online_meetings()

        assert await counted(parts, "authenticate", "unreachable") == 1

"""App ID authentication: five texts to sign, two spellings, what is refused, and how long tokens are good."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.simulator import ManualClock
from deploy.simulator.cloud import CloudOptions

from .client import NONCE, START, Answer, cloud_and_client
from .passing import pass_time

APP = CloudOptions().app_id
CORP = CloudOptions().corp_id
BODY = {"appId": APP, "clientType": 72, "expireTime": 0, "nonce": NONCE}
NOW_S = int(START.timestamp())
ONLINE = "/v1/mmc/management/conferences/online"
INVALID = Answer(401, {"error_code": "USG.000000004", "error_msg": "TOKEN_INVALID"})


@pytest.mark.parametrize(
    ("service_provider", "members", "signed"),
    [
        pytest.param(False, {"userId": "u1"}, f"{APP}:u1:0:{NONCE}", id="enterprise's user"),
        pytest.param(False, {}, f"{APP}::0:{NONCE}", id="enterprise's administrator"),
        pytest.param(False, {"userId": "", "corpId": None}, f"{APP}::0:{NONCE}", id="administrator, spelt out"),
        pytest.param(True, {}, f"{APP}:::0:{NONCE}", id="provider's administrator"),
        pytest.param(True, {"corpId": CORP}, f"{APP}:{CORP}::0:{NONCE}", id="provider's enterprise's administrator"),
        pytest.param(True, {"corpId": CORP, "userId": "u1"}, f"{APP}:{CORP}:u1:0:{NONCE}", id="its user"),
    ],
)
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("access", [False, True])
async def test_each_case_is_signed_in_its_own_way(
    service_provider: bool, members: dict[str, Any], signed: str, upper: bool, access: bool
) -> None:
    """With and without `access`, in either spelling of the digits."""
    async with cloud_and_client(options=CloudOptions(service_provider=service_provider)) as (_, client):
        answer = await client.authenticate(BODY | members, signed, upper=upper, access=access)

    assert (answer.status, answer.body.get("validPeriod")) == (200, 43_200)


@pytest.mark.parametrize("expires_s", [0, NOW_S + 1, 1_000 * NOW_S])
async def test_signature_is_good_until_its_time(expires_s: int) -> None:
    """0 means for ever; a sample of the reference has 13 digits."""
    async with cloud_and_client() as (_, client):
        assert (await client.log_in(expireTime=expires_s)).status == 200


@pytest.mark.parametrize(
    ("members", "signed", "status"),
    [
        pytest.param({}, f"{APP}:u1:0:{NONCE}", 401, id="another text"),
        pytest.param({"corpId": CORP}, f"{APP}::0:{NONCE}", 401, id="corpId of a single enterprise"),
        pytest.param({"appId": "other"}, f"other::0:{NONCE}", 401, id="another App ID"),
        pytest.param({"expireTime": NOW_S}, f"{APP}::{NOW_S}:{NONCE}", 401, id="over"),
        pytest.param({"nonce": "short"}, f"{APP}::0:short", 400, id="short nonce"),
        pytest.param({"nonce": "n" * 65}, f"{APP}::0:{'n' * 65}", 400, id="long nonce"),
        pytest.param({"expireTime": "0"}, f"{APP}::0:{NONCE}", 400, id="expireTime as text"),
        pytest.param({"clientType": None}, f"{APP}::0:{NONCE}", 400, id="no clientType"),
        pytest.param({"userId": 7}, f"{APP}:7:0:{NONCE}", 400, id="userId as number"),
    ],
)
async def test_wrong_request_is_refused(members: dict[str, Any], signed: str, status: int) -> None:
    """With an error body, and no token."""
    async with cloud_and_client() as (_, client):
        answer = await client.authenticate(BODY | members, signed)

    assert answer.status == status
    assert answer.body.keys() == {"error_code", "error_msg"}


async def test_corp_of_another_provider_is_refused() -> None:
    """A provider's App ID speaks for its own enterprises alone."""
    async with cloud_and_client(options=CloudOptions(service_provider=True)) as (_, client):
        assert (await client.authenticate(BODY | {"corpId": "1"}, f"{APP}:1::0:{NONCE}")).status == 401


@pytest.mark.parametrize(
    "authorization", ["", "Basic abc", "HMAC-SHA256 signature=00", "HMAC-SHA256 signature=00,access=bm90IG1lCg=="]
)
async def test_header_of_another_form_is_refused(authorization: str) -> None:
    """Whatever else is right."""
    async with cloud_and_client() as (_, client):
        headers = {"Authorization": authorization}
        answer = await client.ask("POST", "/v2/usg/acs/auth/appauth", headers=headers, json=BODY)

    assert answer.status == 401


@pytest.mark.parametrize("body", [[], "text", 7])
async def test_body_that_is_no_object_is_refused(body: Any) -> None:
    """As a bad request."""
    async with cloud_and_client() as (_, client):
        assert (await client.ask("POST", "/v2/usg/acs/auth/appauth", json=body)).status == 400


async def test_body_that_is_no_json_is_refused() -> None:
    """As a bad request."""
    async with cloud_and_client() as (cloud, client):
        url = f"{cloud.url}/v2/usg/acs/auth/appauth"
        async with client.session.post(url, data=b"\xff{") as response:
            assert response.status == 400


async def test_key_can_be_replaced() -> None:
    """While both are taken, and once the old one is not any more."""
    async with cloud_and_client() as (cloud, client):
        old = cloud.app_key
        cloud.app_keys = ("new", old)
        assert (await client.log_in()).status == 200
        cloud.app_keys = (old,)
        assert (await client.log_in()).status == 200
        signed = f"{APP}::0:{NONCE}"
        cloud.app_keys = ("new",)
        assert (await client.authenticate(BODY, signed)).status == 200


async def test_access_token_ends_by_the_clock() -> None:
    """And the refresh token gives another, once."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (_, client):
        again = (await client.log_in()).body["refreshToken"]
        before = await client.ask("GET", ONLINE)
        await pass_time(clock, 43_200)
        after = await client.ask("GET", ONLINE)
        given = await client.ask("PUT", "/v1/usg/acs/token", headers={"X-Access-Token": again})
        client.token = given.body["accessToken"]
        refreshed = await client.ask("GET", ONLINE)
        twice = await client.ask("PUT", "/v1/usg/acs/token", headers={"X-Access-Token": again})

    assert (before.status, after, refreshed.status, twice) == (200, INVALID, 200, INVALID)


async def test_answer_says_when_by_the_clock() -> None:
    """Seconds and milliseconds as in the reference, and the Date header that a skewed client compares with."""
    async with cloud_and_client() as (cloud, client):
        body = (await client.log_in()).body
        async with client.session.get(f"{cloud.url}/v1/mmc/management/conferences/online") as response:
            date = response.headers["Date"]

    assert (body["createTime"], body["expireTime"]) == (NOW_S * 1_000, NOW_S + 43_200)
    assert (body["tokenType"], body["clientType"], body["user"]["companyId"]) == (0, 72, CORP)
    assert date == "Mon, 02 Mar 2026 08:00:00 GMT"


async def test_oldest_of_too_many_tokens_goes() -> None:
    """A user has 64 at most."""
    async with cloud_and_client() as (_, client):
        first = client.token
        for _ in range(64):
            await client.log_in()
        newest, client.token = await client.ask("GET", ONLINE), first

        assert (newest.status, await client.ask("GET", ONLINE)) == (200, INVALID)

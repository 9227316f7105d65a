"""`meetwire webhook status|enable|disable`: what it prints, what it changes, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deploy.cli.running import Ended, meetwire
from tests.receiver.cloud.service import APPAUTH, CHANGE, LINK, Reply, Service, refusal, serving
from tests.receiver.cloud.test_push_configuration import OURS, Configuration

ACME = """\
[[enterprises]]
name = "{name}"
subscriber_id = "{subscriber}"
{passwords}
"""
APP = """\
[enterprises.app]
id = "marker-app-id"
keys = ["marker-key"]
api = "{api}"
"""
PASSWORDS = 'callback_passwords = ["marker-callback"]'


def settings(folder: Path, *enterprises: str) -> None:
    """Write the settings."""
    (folder / "meetwire.toml").write_text("\n".join(enterprises))


def acme(api: str, *, name: str = "acme", subscriber: str = "s-1", passwords: str = PASSWORDS) -> str:
    """Return one enterprise with an App ID."""
    return ACME.format(name=name, subscriber=subscriber, passwords=passwords) + APP.format(api=api)


async def webhook(folder: Path, *words: str) -> tuple[int, str, list[str]]:
    """Run the command; return its status, what it printed and what it complained of. It says nothing secret."""
    ended: Ended = await meetwire("webhook", *words, folder=folder)
    assert "marker" not in f"{ended.out}{ended.err}{ended.lines}"
    return ended.status, ended.out.strip(), ended.err


def configured(service: Service, **members: object) -> Configuration:
    """Have the service know this push."""
    configuration = Configuration(**members)
    service.answers(LINK, configuration.link)
    service.answers(CHANGE, configuration.change)
    return configuration


@pytest.mark.parametrize(
    ("members", "words", "status", "line"),
    [
        pytest.param(OURS, (), 0, "acme: enabled (https://here/)", id="enabled"),
        pytest.param(OURS, ("--url", "https://here/"), 0, "acme: enabled (https://here/)", id="to this address"),
        pytest.param(
            OURS, ("--url", "https://x/"), 1, "acme: configured for another address (https://here/)", id="to another"
        ),
        pytest.param(
            {**OURS, "status": 1}, (), 1, "acme: configured, and not enabled (https://here/)", id="not enabled"
        ),
        pytest.param(
            {**OURS, "status": 2},
            (),
            1,
            "acme: locked by the service; `meetwire webhook enable` asks it to send again (https://here/)",
            id="locked",
        ),
        pytest.param(
            {**OURS, "subscriberId": "s-2"},
            (),
            1,
            "acme: configured for another subscriber ID than enterprises.subscriber_id (https://here/)",
            id="for somebody else",
        ),
        pytest.param({}, (), 1, "acme: no push is configured", id="not there"),
    ],
)
async def test_the_status_is_told(
    tmp_path: Path, members: dict[str, Any], words: tuple[str, ...], status: int, line: str
) -> None:
    """In one line, and by the exit status: 0 where pushes come to us."""
    async with serving() as service:
        configured(service, **members)
        settings(tmp_path, acme(service.address))

        assert await webhook(tmp_path, "status", *words) == (status, line, [])


async def test_it_is_enabled_and_disabled(tmp_path: Path) -> None:
    """First with an address, afterwards without; what is there for another address is left unless it may go."""
    async with serving() as service:
        configuration = configured(service)
        settings(tmp_path, acme(service.address))

        ended = [
            await webhook(tmp_path, *words)
            for words in (
                ("enable",),
                ("enable", "--url", "https://here/"),
                ("disable",),
                ("enable",),
                ("enable", "--url", "https://there/"),
                ("enable", "--url", "https://there/", "--replace"),
                ("disable", "--enterprise", "acme"),
            )
        ]

    unaddressed = "meetwire: no push is configured at the service yet: give its address with --url"
    differs = "meetwire: another address or subscriber ID is configured; --replace takes that away (see webhook status)"
    assert ended == [
        (2, "", [unaddressed]),
        (0, "acme: enabled (https://here/)", []),
        (0, "acme: configured, and not enabled (https://here/)", []),
        (0, "acme: enabled (https://here/)", []),
        (2, "", [differs]),
        (0, "acme: enabled (https://there/)", []),
        (0, "acme: configured, and not enabled (https://there/)", []),
    ]
    assert configuration.stands["url"] == "https://there/"


async def test_a_push_that_stays_locked_is_not_enabled(tmp_path: Path) -> None:
    """The service took the request, and says that it is as before."""
    async with serving() as service:
        configured(service, **{**OURS, "status": 2})
        service.answers(CHANGE, Reply())
        settings(tmp_path, acme(service.address))

        assert (await webhook(tmp_path, "enable"))[0] == 1


async def test_all_enterprises_are_looked_at(tmp_path: Path) -> None:
    """Those with an App ID; but only one is changed at a time."""
    async with serving() as service:
        configured(service, **OURS)
        two = acme(service.address, name="other", subscriber="s-2")
        none = ACME.format(name="third", subscriber="s-3", passwords=PASSWORDS)
        settings(tmp_path, acme(service.address), two, none)

        everyone = await webhook(tmp_path, "status")
        one = await webhook(tmp_path, "status", "--enterprise", "acme")
        refused = [
            await webhook(tmp_path, *words)
            for words in (
                ("disable",),
                ("enable",),
                ("status", "--url", "https://here/"),
                ("status", "--enterprise", "third"),
                ("status", "--enterprise", "nobody"),
            )
        ]

    other = "other: configured for another subscriber ID than enterprises.subscriber_id (https://here/)"
    assert everyone == (1, f"acme: enabled (https://here/)\n{other}", [])
    assert one == (0, "acme: enabled (https://here/)", [])
    choose = "meetwire: several enterprises have a table app: choose one with --enterprise"
    assert refused == [
        (2, "", [choose]),
        (2, "", [choose]),
        (2, "", [choose]),
        (2, "", ["meetwire: third has no table app in the settings"]),
        (2, "", ["meetwire: no enterprise nobody in the settings"]),
    ]


async def test_without_an_app_id_there_is_nobody_to_ask(tmp_path: Path) -> None:
    """One line, and status 2."""
    settings(tmp_path, ACME.format(name="acme", subscriber="s-1", passwords=PASSWORDS))

    assert await webhook(tmp_path, "status") == (2, "", ["meetwire: no enterprise has a table app"])


async def test_a_push_that_could_not_be_verified_is_not_asked_for(tmp_path: Path) -> None:
    """Without a callback password every push would be refused."""
    async with serving() as service:
        settings(tmp_path, acme(service.address, passwords=""))
        ended = await webhook(tmp_path, "enable", "--url", "https://here/")

        assert (ended, service.asked) == (
            (2, "", ["meetwire: acme has no callback_passwords: pushes could not be verified"]),
            [],
        )


async def test_what_stands_against_it_is_said(tmp_path: Path) -> None:
    """A right that is missing, keys that are refused, a handshake that nobody answered, a service that is away."""
    async with serving() as service:
        settings(tmp_path, acme(service.address))
        configured(service, **{**OURS, "status": 1})
        service.answers(CHANGE, refusal(400, "MMC.1"))
        unanswered = await webhook(tmp_path, "enable")
        service.answers(LINK, refusal(403, "USG.1"))
        forbidden = await webhook(tmp_path, "status")
        service.answers(APPAUTH, refusal(401, "USG.2", Date="x"))
        refused = await webhook(tmp_path, "status")
        address = service.address

    settings(tmp_path, acme("http://meeting.invalid"))
    away = await webhook(tmp_path, "status")
    settings(tmp_path, acme(address) + 'ca_file = "none.pem"\n')
    untrusted = await webhook(tmp_path, "status")

    hint = "was its handshake answered? The receiver has to run, and the service to reach it at the address"
    assert [status for status, _, _ in (unanswered, forbidden, refused, away, untrusted)] == [2] * 5
    assert unanswered[2] == [f"meetwire: the service at {address}: BadRequest (400, MMC.1); {hint}"]
    assert forbidden[2] == [f"meetwire: the service at {address}: Forbidden (403, USG.1)"]
    assert refused[2] == [f"meetwire: the service at {address}: Unauthenticated (401, USG.2)"]
    assert away[2] == ["meetwire: the service at http://meeting.invalid: Unreachable: its name is not known"]
    assert untrusted[2] == ["meetwire: enterprises.app.ca_file: No such file or directory"]

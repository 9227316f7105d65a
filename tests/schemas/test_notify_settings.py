"""[[qos.notify]]: what goes together, and what each kind needs."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.notify import PER_MINUTE, Notify, webhook_key
from schemas.secret import Secret
from schemas.settings import Qos

KEY = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
URL = Secret("https://robot.example/send?key=k")
LOGIN = {"user": "u", "password": Secret("p")}
MAIL = {"kind": "email", "server": "mail.example.com:587", "sender": "a@example.com", "to": ("b@example.com",)}


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "alertmanager", "urls": ("http://127.0.0.1:9093/prefix",)},
        {"kind": "webhook", "url": URL, "secrets": (KEY, Secret("A" * 32))},
        {"kind": "dingtalk", "url": URL},
        {"kind": "dingtalk", "url": URL, "secrets": (Secret("SEC1"),)},
        {"kind": "feishu", "url": URL, "secrets": (Secret("x"),)},
        {"kind": "wecom", "url": URL},
        MAIL,
        MAIL | LOGIN,
        {"kind": "alertmanager", "urls": ("https://am.example", "http://[::1]:9093")} | LOGIN,
        {"kind": "webhook", "url": Secret("http://127.0.0.1:8080/hook"), "secrets": (KEY,)} | LOGIN,
    ],
    ids=lambda given: f"{given['kind']} {len(given)}",
)
def test_each_kind_needs_what_it_needs(given: dict[str, Any]) -> None:
    """And no more; there is a limit for each."""
    assert Notify(name="ops", **given).kind in PER_MINUTE


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "alertmanager"}, 'kind "alertmanager" needs urls, or url for one'),
        ({"kind": "alertmanager", "urls": ("https://a",), "url": URL}, "urls and url: one of the two"),
        ({"kind": "alertmanager", "url": Secret("am:9093")}, "url must be https://host/path"),
        ({"kind": "alertmanager", "url": Secret("http://a")} | LOGIN, "never sent in the clear"),
        ({"kind": "alertmanager", "urls": ("http://a",), "resend_s": 200.0}, "ends_after_s must be twice resend_s"),
        ({"kind": "webhook", "url": URL}, "needs secrets or secrets_file: whsec_"),
        ({"kind": "webhook", "url": URL, "secrets": (Secret("whsec_short"),)}, "24 to 64 bytes in base64"),
        ({"kind": "webhook", "url": URL, "secrets": (Secret("whsec_" + "A" * 20),)}, "24 to 64 bytes in base64"),
        ({"kind": "dingtalk"}, 'kind "dingtalk" needs url or url_file'),
        ({"kind": "dingtalk", "url": Secret("oapi.dingtalk.com")}, "url must be https://"),
        ({"kind": "feishu", "url": URL, "secrets": (KEY, KEY)}, 'kind "feishu" has one secret'),
        ({"kind": "wecom", "url": URL, "secrets": (KEY,)}, 'kind "wecom" signs nothing'),
        ({"kind": "email"}, 'kind "email" needs server, sender and to'),
        (MAIL | {"proxy": "http://p:1"}, 'kind "email" goes through no proxy'),
        (MAIL | {"user": "u"}, "user goes with password"),
        ({"kind": "alertmanager", "urls": ("https://a",), "password": Secret("p")}, "user goes with password"),
        ({"kind": "alertmanager", "urls": ("https://a", "http://a")} | LOGIN, "never sent in the clear"),
        ({"kind": "webhook", "url": Secret("http://a"), "secrets": (KEY,)} | LOGIN, "never sent in the clear"),
        ({"kind": "alertmanager", "urls": ("https://a",)} | LOGIN | {"user": "a:b"}, "user cannot have a colon in it"),
        ({"kind": "wecom", "url": URL} | LOGIN, 'kind "wecom" has no user: leave out user and password'),
        (MAIL | {"user": "u", "password": Secret("p"), "security": "none"}, "never sent in the clear"),
        (MAIL | {"time_zone": "Mars/Olympus"}, "time_zone must be a name such as Asia/Shanghai"),
        (MAIL | {"time_zone": "../etc/passwd"}, "time_zone must be a name such as Asia/Shanghai"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, Any], words: str) -> None:
    """With words that say what does, and no secret in them."""
    with pytest.raises(ValueError, match=words) as caught:
        Notify(name="ops", **given)

    assert "whsec_short" not in str(caught.value)


def test_two_channels_have_two_names() -> None:
    """Each has a lane, metrics and notes of its own by it."""
    one = Notify(name="ops", kind="wecom", url=URL)

    with pytest.raises(ValueError, match="notify: two are called ops: give each a name of its own"):
        Qos(notify=(one, one))


def test_a_channel_without_a_name_has_its_kinds() -> None:
    """Most have one of a kind; where there are two, they are asked for names."""
    wecom, feishu = Notify(kind="wecom", url=URL), Notify(kind="feishu", url=URL)

    assert [one.name for one in Qos(notify=(wecom, feishu)).notify] == ["wecom", "feishu"]
    with pytest.raises(ValueError, match="notify: two are called wecom: give each a name of its own"):
        Qos(notify=(wecom, Notify(kind="wecom", url=URL)))


def test_one_alertmanager_has_one_address() -> None:
    """By url as by urls; it stays a secret where it is shown."""
    one = Notify(kind="alertmanager", url=Secret("http://127.0.0.1:9093"))

    assert one.addresses == Notify(kind="alertmanager", urls=("http://127.0.0.1:9093",)).addresses
    assert "9093" not in repr(one)


def test_a_secret_with_and_without_its_prefix_is_the_same() -> None:
    """As the standard's libraries have it."""
    assert webhook_key(KEY) == webhook_key(Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))

"""Passwords, tokens and links for guests go nowhere, however a frame has drifted or broken; the rest stays."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.entry_frames import enter_frame
from receiver.frames import Reply, read_frame
from receiver.redact import Redacted
from receiver.redact_frame import redact_frame
from tests.frames import framed


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"action":"SpeakerChangeNotify","n":1.50E+2,"n":-0}', id="nothing secret"),
        pytest.param('{"NAME":"用户 🎉","said":"password"}'.encode(), id="a word that is no key"),
        pytest.param(b'{"a":"caf\\u00e9","b":[ ],"c" : { } }', id="escapes and white space"),
        pytest.param(b'{"a":"\xff\xfe"}', id="not UTF-8"),
        pytest.param(b'["a", "pwd"]', id="a list"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"a":[1,{"b":"c"},', id="cut short, but nothing in it is"),
        pytest.param(b'{"a":%s}' % (b"[" * 5_000 + b"]" * 5_000), id="5,000 deep"),
        pytest.param(b'{"telephone":"+8657100000001"}', id="a number, which may be shown"),
    ],
)
def test_what_holds_no_secret_stays_as_it_came(body: bytes) -> None:
    """Byte for byte."""
    assert redact_frame(body) == Redacted(body, changed=False)


@pytest.mark.parametrize(
    "key",
    [
        "pwd",
        "pwds",
        " pwds ",
        "chairPwd",
        "password",
        "confToken",
        "guestJoinUri",
        "joinUrl",
        "令牌",
        "\\u0070wd",
    ],
)
@pytest.mark.parametrize(
    "value",
    [b'"marker"', b"123456", b"null", b'[{"role":"chair","pwd":"marker"}]', b'{"a":{"b":["marker",{}]},"c":[]}'],
    ids=["text", "number", "null", "list", "object"],
)
def test_the_whole_value_under_a_key_that_names_a_secret_goes(key: str, value: bytes) -> None:
    """And what follows it is still looked through."""
    body = b'{"a":[{"%s" : %s , "b":"kept"}],"pwd":%s,"c":1.50}' % (key.encode(), value, value)

    assert redact_frame(body) == Redacted(
        b'{"a":[{"%s" :"[removed]" , "b":"kept"}],"pwd":"[removed]","c":1.50}' % key.encode(), changed=True
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps({"pwds": [{"pwd": "marker"}]}), id="JSON"),
        pytest.param(json.dumps({"a": json.dumps({"b": json.dumps({"pwd": "marker"})})}), id="JSON in JSON in JSON"),
        pytest.param('{"\\u0070wd":"marker"}', id="JSON with an escape"),
        pytest.param("wss://host/conn?confID=1&tmpToken=marker", id="a link with a token"),
        pytest.param("https://meeting.example.com:443/#/j/900487914/marker", id="a link for guests"),
        pytest.param("pwd : marker", id="neither"),
    ],
)
def test_a_text_that_holds_a_secret_goes(text: str) -> None:
    """Whatever key it stands under."""
    body = json.dumps({"data": text, "list": ["kept", text]}).encode()

    assert json.loads(redact_frame(body).body) == {"data": "[removed]", "list": ["kept", "[removed]"]}


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        pytest.param(b'{"a":"b","c":tru', b'{"a":"b","c":"[removed]"', id="cut short"),
        pytest.param(b'{"a":"b","c":"tru', b'{"a":"b","c":"[removed]"', id="cut short in a text"),
        pytest.param(b'{"a":1} x', b'{"a":1}"[removed]"', id="something behind it"),
        pytest.param(b'{"a":1}{"b":2}', b'{"a":1}"[removed]"', id="an object behind it"),
        pytest.param(b'{"a":1,}', b'{"a":1,"[removed]"', id="a comma too many"),
        pytest.param(b'{"a",1}', b'{"a""[removed]"', id="a comma for a colon"),
        pytest.param(b'{"a":[1}', b'{"a":[1"[removed]"', id="the other bracket"),
        pytest.param(b'{"a":1 2}', b'{"a":1"[removed]"', id="two values"),
        pytest.param(b"{1:2}", b'{"[removed]"', id="a number for a key"),
        pytest.param(b'{"a":.1}', b'{"a":"[removed]"', id="a number that is none"),
        pytest.param(b'{"\\q":1,"a":"\\q"}', b'{"\\q":"[removed]","a":"[removed]"}', id="escapes that are none"),
        pytest.param(b"pong", b'"[removed]"', id="a word"),
        pytest.param(b'arker"}],"recType":1}', b'"[removed]"', id="its beginning lost"),
        pytest.param(b'["a"', b'"[removed]"', id="no object"),
        pytest.param(b'{"a":"b","pwd":"marker"', b'"[removed]"', id="a word that names a secret"),
        pytest.param(b'{"a":"b","c":"\\u0070wd', b'"[removed]"', id="an escape, which can hide one"),
        pytest.param('{"a":1,"pwd":"marker"}'.encode("utf-16"), b'"[removed]"', id="UTF-16"),
    ],
)
def test_of_a_broken_frame_no_more_goes_out_than_is_understood(body: bytes, kept: bytes) -> None:
    """Behind the first byte that JSON does not allow, nothing can be told."""
    assert redact_frame(body) == Redacted(kept, changed=True)


def test_contacts_go_where_they_are_masked() -> None:
    """By key, and by what a text looks like; times and ids stay."""
    body = (
        b'{"TEL":"8001","callNumber":[1],"ACCOUNT":"user.a@example.com","id":["+8657100000001","sip:+86"],'
        b'"ADDTIME":"1611988486336","confID":"900487914","NAME":"User A"}'
    )

    assert redact_frame(body, contacts=True).body == (
        b'{"TEL":"[removed]","callNumber":"[removed]","ACCOUNT":"[removed]","id":["[removed]","[removed]"],'
        b'"ADDTIME":"1611988486336","confID":"900487914","NAME":"User A"}'
    )


def test_a_contact_in_a_broken_frame_goes_as_well() -> None:
    """The value is not whole, and goes."""
    assert redact_frame(b'{"NAME":"A","TEL":{"a":1', contacts=True).body == b'{"NAME":"A","TEL":"[removed]"'


SECRET = "Q" * 6
DESCRIBED = {
    "displayID": "900487914",
    "title": "Weekly sync",
    "guestJoinUri": f"https://meeting.example.com:443/#/j/900487914/{SECRET}",
    "pwds": [{"role": "chair", "pwd": SECRET}, {"role": "general", "pwd": SECRET}],
    "recType": 1,
    "msgID": "239fbd1662d111eb980abbd127030a68",
    "msgMode": 0,
    "action": "ConfBasicInfoNotify",
}


def published(body: bytes) -> str:
    """Return all that a frame's records say, their bytes in base64 spelt out."""
    frame = framed(body)
    read = read_frame(frame)
    assert not isinstance(read, Reply)
    records = enter_frame(frame, read, partitions=12, mask=False).records
    events: list[dict[str, Any]] = [json.loads(record.value) for record in records]
    for event in events:
        coded = event.pop("original_base64", None)
        event["bytes"] = repr(base64.b64decode(coded)) if coded else ""
        event.pop("type")
    assert events
    return json.dumps(events)


drift = st.fixed_dictionaries(
    {},
    optional={
        "title": st.lists(st.none(), max_size=2),
        "startTime": st.just({"ms": 1}),
        " pwds ": st.just([SECRET]),
        "PWD": st.just({"a": [SECRET]}),
        "p wd": st.just("kept"),
        "data": st.sampled_from(
            [{"pwds": {"chair": SECRET}}, json.dumps({"pwd": SECRET}), [[{"hostPassword": SECRET}]]]
        ),
        "pwds": st.sampled_from([SECRET, [SECRET], json.dumps([{"pwd": SECRET}]), {"chair": {"general": SECRET}}, 1]),
        "guestJoinUri ": st.just(SECRET),
        "action": st.sampled_from(["ConfBasicInfoNotify", "ConfBasicInfoNotify2", 7]),
    },
)


@settings(max_examples=300)
@given(drift, st.booleans(), st.sampled_from([None, 1]))
def test_a_drifted_description_gives_no_secret_away(
    changes: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    """Whatever of the frame changed: the member's type, its place, its spelling, the action itself."""
    body = json.dumps({**DESCRIBED, **changes}, ensure_ascii=ascii_only, indent=indent).encode()

    assert "Q" not in published(body)


PLAIN = json.dumps(DESCRIBED, separators=(",", ":")).encode()
places = st.integers(0, len(PLAIN))
damage = st.one_of(
    st.builds(lambda at: PLAIN[:at], places),
    st.builds(lambda at: PLAIN[at:], places),
    st.builds(lambda at: PLAIN[:at] + PLAIN[at + 1 :], places),
    st.builds(
        lambda at, what: PLAIN[:at] + what + PLAIN[at:], places, st.sampled_from([b'"', b"\\", b"{", b"}", b","])
    ),
    st.builds(lambda at, what: PLAIN[:at] + what + PLAIN[at + 1 :], places, st.binary(min_size=1, max_size=1)),
)


@settings(max_examples=600)
@given(damage)
def test_a_damaged_description_gives_no_secret_away(body: bytes) -> None:
    """Cut short at either end, or with a byte lost, added or changed: not a letter of a password."""
    assert "Q" not in published(body)

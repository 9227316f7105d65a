"""What happens in a meeting, as frames: each push as the reference's sample has it, and each act as its change."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.simulator.cloud import Cloud, NoSuchMeeting

from .client import Wire, cloud_and_client
from .frames import SAMPLES, lacks

ID = "900000001"
GROUP: dict[str, object] = {
    "groupID": "g1",
    "firstLanguage": "zh",
    "secondLanguage": "en",
    "interpreters": [{"userID": "u1", "callNumber": "+99", "name": "译员"}],
}


def fill(cloud: Cloud) -> list[str]:
    """Let something of everything be in the meeting."""
    cloud.start_meeting(ID, captions=True)
    pids = [cloud.join(ID, person) for person in range(3)]
    cloud.speak(ID, (pids[0], 40), (pids[1], 60))
    cloud.wait(ID, 4)
    cloud.invite(ID, "+8657100000001", "11076005")
    cloud.interpret(ID, [GROUP])
    return pids


@pytest.mark.parametrize("action", SAMPLES)
async def test_full_frame_has_what_the_sample_has(action: str) -> None:
    """Every member, of the same type; more is allowed, as the samples hold more than the tables."""
    async with cloud_and_client() as (cloud, client):
        fill(cloud)
        async with client.subscribed(ID, action) as wire:
            frame = await wire.frame()

    assert lacks(SAMPLES[action], frame) == []
    assert (frame["action"], frame["msgMode"], frame["confID"]) == (action, 0, ID)


def test_lack_is_seen() -> None:
    """A member that is missing, and one of another type."""
    assert lacks({"a": [{"b": 1, "c": "x"}]}, {"a": [{"b": "1"}]}) == [".a[].b: str", ".a[].c"]
    assert lacks([], [1]) == []


async def changes(act: Any, action: str) -> list[Any]:
    """Return the frames of one action that an act brings."""
    async with cloud_and_client() as (cloud, client):
        pids = fill(cloud)
        async with client.subscribed(ID, action) as wire:
            await wire.frame()
            act(cloud, pids)
            return await written(cloud, wire)


async def written(cloud: Cloud, wire: Wire) -> list[Any]:
    """Return what came until now."""
    await wire.send({"action": "HeartBeat", "sequence": "9"})
    frames = []
    while (frame := await wire.frame())["action"] != "HeartBeat":
        frames.append(frame)
    return frames


async def test_speakers_are_the_three_loudest() -> None:
    """Loudest first; nobody is a frame without data, as is a speaker who left."""
    frames = await changes(lambda cloud, pids: cloud.speak(ID), "SpeakerChangeNotify")
    left = await changes(lambda cloud, pids: cloud.leave(ID, pids[1]), "SpeakerChangeNotify")

    assert ["data" in frame for frame in frames] == [False]
    assert [[speaker["speakingVolume"] for speaker in frame["data"]] for frame in left] == [[40]]


async def test_leaving_removes_from_both_lists() -> None:
    """A participant by pid, an attendee by phone; no pinfoMap any more."""
    people = await changes(lambda cloud, pids: cloud.leave(ID, pids[2]), "ParticipantsNotify")
    attendees = await changes(lambda cloud, pids: cloud.leave(ID, pids[2]), "AttendeesNotify")

    assert [(frame["msgMode"], frame["data"][0].keys()) for frame in people] == [(1, {"pid", "mode"})]
    assert [frame["data"][0]["mode"] for frame in attendees] == [1]
    assert attendees[0]["data"][0]["phone"].startswith("+86")


async def test_mute_is_told_in_both_lists() -> None:
    """As a change of pinfoMap, and as the attendee's whole item."""
    people = await changes(lambda cloud, pids: cloud.change(ID, pids[0], MUTE="0"), "ParticipantsNotify")
    attendees = await changes(lambda cloud, pids: cloud.change(ID, pids[0], MUTE="0"), "AttendeesNotify")
    hand = await changes(lambda cloud, pids: cloud.change(ID, pids[0], HAND="1"), "AttendeesNotify")

    assert [frame["data"][0]["pinfoMap"] for frame in people] == [{"MUTE": "0"}]
    assert [(frame["data"][0]["isMute"], frame["data"][0]["role"]) for frame in attendees] == [(0, 1)]
    assert hand == []


async def test_quality_turns_poor_and_good_again() -> None:
    """For one, in the reference's units."""

    def act(cloud: Cloud, pids: list[str]) -> None:
        cloud.rate(ID, pids[0], poor=True)
        cloud.rate(ID, pids[0], poor=False)
        cloud.measure(ID)

    poor, good, everyone = await changes(act, "NetConditionNotify")

    assert [poor["data"][0]["netInfo"], good["data"][0]["netInfo"]] == ["bad", "good"]
    assert int(poor["data"][0]["lostPacketRate"]) >= 1_200 > int(good["data"][0]["lostPacketRate"])
    assert (len(everyone["data"]), everyone["msgMode"], everyone["version"]) == (3, 1, 3)


async def test_waiting_room_admits_and_turns_away() -> None:
    """Admitted first, then gone from the list, then among the people."""
    names = []

    def act(cloud: Cloud, pids: list[str]) -> None:
        first, second = cloud.wait(ID, 5), cloud.wait(ID, 6)
        cloud.admit(ID, first)
        cloud.turn_away(ID, second)
        names.extend([cloud.meeting(ID).people[first].name, second])

    frames = await changes(act, "WaitingListNotify")
    items = [frame["data"][0] for frame in frames]

    assert [item["mode"] for item in items] == [0, 0, 0, 1, 1]
    assert [item["pinfoMap"]["WAITINGSTATE"] for item in items[:3]] == ["0", "0", "1"]
    assert (items[2]["pinfoMap"]["NAME"], items[4]["pid"]) == tuple(names)


async def test_result_of_a_call_comes_alone() -> None:
    """The results before it are in the snapshot."""
    (frame,) = await changes(lambda cloud, pids: cloud.invite(ID, "+861", "0"), "InviteResultNotify")

    assert (frame["msgMode"], frame["data"]) == (0, [{"callNumber": "+861", "resultCode": "0"}])


async def test_controls_come_with_the_whole_state() -> None:
    """ConfDynamicInfoNotify is always full."""
    (frame,) = await changes(lambda cloud, pids: cloud.control(ID, lock=1), "ConfDynamicInfoNotify")

    assert (frame["lock"], frame["recState"], frame["state"]) == (1, 0, "Created")


async def test_sentence_is_corrected_while_spoken() -> None:
    """Interim frames of one id, then the final one, in each language."""
    states = [("我们先看", "Let us"), ("我们先看收入。", "Let us look at the revenue.")]
    async with cloud_and_client() as (cloud, client):
        pid = fill(cloud)[0]
        async with client.subscribed(ID, "RealTimeSubtitleNotify") as wire:
            for chinese, english in states:
                texts = {"Mandarin": chinese, "English": english}
                cloud.caption(ID, pid, texts, sentence="s", final=chinese.endswith("。"), spoken_ms=500)
            frames = await wire.frames(2)

    told = [[(msg["subtitleLang"], msg["translateText"], msg["id"]) for msg in f["data"]["msgs"]] for f in frames]
    assert told == [[("Mandarin", zh, "s"), ("English", en, "s")] for zh, en in states]
    assert [frame["data"]["isFinal"] for frame in frames] == [False, True]
    assert int(frames[0]["version"]) < int(frames[1]["version"])


async def test_push_that_a_meeting_does_not_support_never_comes() -> None:
    """Whoever subscribes to it hears nothing; its number is not counted."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID, push_types=("SpeakerChangeNotify",))
        async with client.subscribed(ID, "SpeakerChangeNotify", "ParticipantsNotify") as wire:
            cloud.join(ID)
            frames = [await wire.frame(), *await written(cloud, wire)]

    assert [frame["action"] for frame in frames] == ["SpeakerChangeNotify"]
    assert cloud.unsent == []


async def test_push_that_no_reference_has_can_be_had() -> None:
    """CustomMultiPicNotify, in the words that a client parses; where a meeting says that it supports it."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(ID, push_types=("CustomMultiPicNotify",))
        cloud.join(ID)
        async with client.subscribed(ID, "CustomMultiPicNotify") as wire:
            frame = await wire.frame()

    assert [picture["index"] for picture in frame["picInfos"]] == [1]


async def test_act_in_no_meeting_is_told() -> None:
    """And one ID is held once at a time."""
    async with cloud_and_client() as (cloud, _):
        with pytest.raises(NoSuchMeeting):
            cloud.end_meeting(ID)
        cloud.start_meeting(ID)
        with pytest.raises(ValueError, match="is on already"):
            cloud.start_meeting(ID)


async def test_past_meetings_are_not_kept_for_ever() -> None:
    """The newest thousand."""
    async with cloud_and_client() as (cloud, _):
        uuids = []
        for _ in range(1_001):
            uuids.append(cloud.start_meeting(ID).meeting_uuid)
            cloud.end_meeting(ID)

    assert list(cloud.past) == uuids[1:]

"""Frames become cues: interim texts give way, final ones never do without a trace, and in doubt there are two."""

from __future__ import annotations

import pytest

from consumers.captions.transcript import occurrences, transcribe
from consumers.captions.transcript.frame import in_order
from schemas.archive.cues import Cue, CueText, CueVersion
from schemas.events import CaptionLine, MeetingStarted

from .story import Story, at


def cues(story: Story) -> list[Cue]:
    """Return the cues of the one occurrence."""
    (occurrence,) = occurrences(story.told)
    return transcribe(occurrence).cues


def texts(story: Story) -> list[list[str]]:
    """Return what each cue says, what it said before first, with … after what is not final."""
    return [
        [
            *(text.text for version in cue.versions for text in version.texts),
            *(f"{text.text}{'' if cue.final else '…'}" for text in cue.texts),
        ]
        for cue in cues(story)
    ]


def doubts(story: Story) -> list[list[str]]:
    """Return what is odd about each cue."""
    return [cue.doubt for cue in cues(story)]


def test_a_final_text_takes_the_place_of_its_interims() -> None:
    """Frames of one line ID are one cue, with every frame as evidence and the final one's words and times."""
    story = Story()
    story.lifecycle(MeetingStarted, 0)
    story.caption(10, "我们", final=False, line_id="a", times=(9_000, 9_500))
    story.caption(11, "我们先看", final=False, line_id="a", times=(9_000, 10_500))
    story.caption(12, {"Mandarin": "我们先看一下。", "English": "Let us look."}, line_id="a", times=(9_000, 11_000))

    assert cues(story) == [
        Cue(
            cue=1,
            participant_id="zhang",
            speaker=None,
            begin_ms=9_500,
            end_ms=11_500,
            spoken_at=at(12),
            final=True,
            texts=[
                CueText(language="English", text="Let us look."),
                CueText(language="Mandarin", text="我们先看一下。"),
            ],
            versions=[],
            event_ids=["captions-900000001-0", "captions-900000001-1", "captions-900000001-2"],
            doubt=[],
        )
    ]
    assert repr(cues(story)[0]) == "<Cue 1>"


def test_a_frame_shows_no_content() -> None:
    """In logs and errors."""
    story = Story()
    story.caption(10, "好")

    assert [repr(one) for one in in_order(story.told)] == ["<Frame captions-900000001-0>"]


def test_a_cue_whose_final_text_never_came_is_kept() -> None:
    """It says what came last, and is marked."""
    story = Story()
    story.caption(10, "我们", final=False, line_id="a", times=(9_000, 9_500))
    story.caption(11, "我们先看", final=False, line_id="a", times=(9_000, 10_500))
    story.caption(15, "好。", line_id="b", times=(12_000, 13_000))

    assert texts(story) == [["我们先看…"], ["好。"]]


def test_a_later_final_text_is_a_version() -> None:
    """A correction overwrites nothing; one that changes nothing is evidence alone."""
    story = Story()
    story.caption(10, "收如", line_id="a", times=(0, 1_000))
    story.caption(40, "收入", line_id="a", times=(0, 1_000))
    story.caption(41, "收入", line_id="a", times=(0, 1_000))

    (cue,) = cues(story)

    assert [text.text for text in cue.texts] == ["收入"]
    assert cue.versions == [
        CueVersion(texts=[CueText(language="Mandarin", text="收如")], event_id="captions-900000001-0", at=at(10))
    ]
    assert len(cue.event_ids) == 3


def test_a_later_final_text_without_times_is_a_version_where_it_begins_alike() -> None:
    """And a cue of its own where it does not: IDs come back."""
    story = Story()
    story.caption(10, "收如不错", line_id="a")
    story.caption(20, "收入不错", line_id="a")
    story.caption(30, "谁来写测试", line_id="a")

    assert texts(story) == [["收如不错", "收入不错"], ["谁来写测试"]]
    assert doubts(story) == [["times_missing"], ["same_id_other_text", "times_missing"]]


def test_an_id_that_stands_for_another_sentence_makes_another_cue() -> None:
    """The times tell: what begins after the end is something else."""
    story = Story()
    story.caption(10, "一", final=False, line_id="a", times=(0, 1_000))
    story.caption(30, "二", final=False, line_id="a", times=(20_000, 21_000))
    story.caption(31, "二。", line_id="a", times=(20_000, 22_000))
    story.caption(33, "三。", line_id="a", times=(22_000, 23_000))

    assert texts(story) == [["一…"], ["二。"], ["三。"]]
    assert doubts(story) == [[], ["same_id_other_text"], ["same_id_other_text"]]


def test_interim_texts_of_one_id_may_pause() -> None:
    """Where the text goes on, ten seconds between the times do not part it."""
    story = Story()
    story.caption(10, "我们先看", final=False, line_id="a", times=(0, 1_000))
    story.caption(18, "我们先看一下", final=False, line_id="a", times=(8_000, 9_000))
    story.caption(20, "谁", final=False, line_id="a", times=(10_000, 11_000))

    assert texts(story) == [["我们先看一下…"], ["谁…"]]


def test_two_speakers_at_once_are_two_cues() -> None:
    """Though the service gives both the same ID."""
    story = Story()
    story.caption(10, "我", pid="zhang", final=False, line_id="a", times=(0, 1_000))
    story.caption(10.5, "你", pid="li", final=False, line_id="a", times=(100, 1_100))
    story.caption(11, "我先说。", pid="zhang", line_id="a", times=(0, 2_000))
    story.caption(11.5, "你先说。", pid="li", line_id="a", times=(100, 2_100))

    assert texts(story) == [["我先说。"], ["你先说。"]]
    assert doubts(story) == [[], ["same_id_other_speaker"]]


def test_without_ids_speaker_and_time_tell() -> None:
    """A frame that overlaps the speaker's open sentence is of it; one that does not, is another."""
    story = Story()
    story.caption(10, "我们", final=False, times=(0, 1_000))
    story.caption(10.5, "谁", pid="li", final=False, times=(100, 1_000))
    story.caption(11, "我们先看", times=(0, 2_000))
    story.caption(12, "谁能写", pid="li", times=(100, 2_500))
    story.caption(13, "预算", final=False, times=(3_000, 4_000))
    story.caption(20, "好的。", times=(8_000, 9_000))

    assert texts(story) == [["我们先看"], ["谁能写"], ["预算…"], ["好的。"]]


def test_ids_that_are_each_frames_own_tell_nothing() -> None:
    """Where no ID comes back with another text, they are of frames: speaker and time tell."""
    story = Story()
    story.caption(10, "我们", final=False, line_id="a", times=(0, 1_000))
    story.caption(11, "我们先看", line_id="b", times=(0, 2_000))

    assert texts(story) == [["我们先看"]]


def test_ids_that_come_back_tell_sentences_apart() -> None:
    """Where they do, another ID is another sentence, though the times overlap."""
    story = Story()
    story.caption(10, "我们", final=False, line_id="a", times=(0, 1_000))
    story.caption(11, "我们先看", final=False, line_id="a", times=(0, 2_000))
    story.caption(12, "谁", line_id="b", times=(1_500, 2_500))

    assert texts(story) == [["我们先看…"], ["谁"]]


def test_without_ids_and_times_a_text_that_goes_on_tells() -> None:
    """Within half a minute, and where it begins alike."""
    story = Story()
    story.caption(10, "我们先", final=False)
    story.caption(12, "我们先看", final=False)
    story.caption(13, "我们先看一下。")
    story.caption(14, "谁", final=False)
    story.caption(16, "预算定了。")
    story.caption(50, "预算", final=False)
    story.caption(90, "预算不够。")

    assert texts(story) == [["我们先看一下。"], ["谁…"], ["预算定了。"], ["预算…"], ["预算不够。"]]


def test_a_final_text_before_its_interims_stays() -> None:
    """Frames that are overtaken take nothing back; they add the languages that it lacks."""
    story = Story()
    story.caption(10, "我们先看。", line_id="a", times=(0, 2_000))
    story.caption(10.1, {"Mandarin": "我们", "English": "We"}, final=False, line_id="a", times=(0, 1_000))

    (cue,) = cues(story)

    assert cue.texts == [CueText(language="English", text="We"), CueText(language="Mandarin", text="我们先看。")]
    assert cue.doubt == ["final_before_interim", "language_not_final"]
    assert len(cue.event_ids) == 2


def test_a_final_text_before_its_interims_is_found_by_time_too() -> None:
    """Without IDs, a frame within the times of what the speaker said last is of that."""
    story = Story()
    story.caption(10, "我们先看。", times=(0, 2_000))
    story.caption(10.1, "我们", final=False, times=(0, 1_000))
    story.caption(10.2, "我们", final=False)

    assert texts(story) == [["我们先看。"], ["我们…"]]


def test_languages_stand_side_by_side() -> None:
    """In one frame or in a frame each, with an ID of their own or without: one cue."""
    story = Story()
    story.caption(10, {"English": "Okay."}, line_id="a", times=(0, 1_000))
    story.caption(10.1, {"Mandarin": "好的。"}, line_id="b", times=(0, 1_000))
    story.caption(20, {"English": "Bye."}, times=(8_000, 9_000))
    story.caption(20.1, {"Mandarin": "再见。"}, times=(8_000, 9_000))

    assert texts(story) == [["Okay.", "好的。"], ["Bye.", "再见。"]]


def test_a_language_whose_final_text_never_came_keeps_what_came() -> None:
    """And the cue says that one of its languages is not final."""
    story = Story()
    story.caption(10, {"English": "Ok", "Mandarin": "好"}, final=False, line_id="a", times=(0, 1_000))
    story.caption(11, {"Mandarin": "好的。"}, line_id="a", times=(0, 1_500))

    assert texts(story) == [["Ok", "好的。"]]
    assert doubts(story) == [["language_not_final"]]


def test_a_language_that_becomes_final_later_is_no_correction() -> None:
    """Its interim text gives way as ever."""
    story = Story()
    story.caption(10, {"English": "Ok", "Mandarin": "好"}, final=False, line_id="a", times=(0, 1_000))
    story.caption(11, {"Mandarin": "好的。"}, line_id="a", times=(0, 1_500))
    story.caption(12, {"English": "Okay."}, line_id="a", times=(0, 1_500))

    assert texts(story) == [["Okay.", "好的。"]]
    assert doubts(story) == [[]]


def test_a_frame_of_two_owners_is_one() -> None:
    """The same words, speaker and times in another epoch are the same caption; so are those of one event ID."""
    story = Story()
    for epoch, late in ((1, 0.0), (2, 0.2)):
        story.caption(10, "好", final=False, line_id="a", times=(0, 500), epoch=epoch, received_s=10 + late)
        story.caption(11, "好的。", line_id="a", times=(0, 1_000), epoch=epoch, received_s=11 + late)
    story.caption(11, "好的。", line_id="a", times=(0, 1_000), event_id="captions-900000001-1")

    assert texts(story) == [["好的。"]]
    assert [len(cue.event_ids) for cue in cues(story)] == [4]


def test_a_frame_of_two_owners_is_one_without_times() -> None:
    """The service's own time tells, in another epoch; in the same epoch somebody said it twice."""
    story = Story()
    story.caption(10, "好", epoch=1)
    story.caption(10, "好", epoch=2)
    story.caption(10, "好", epoch=2)

    assert [len(cue.event_ids) for cue in cues(story)] == [2, 1]


def test_a_final_text_that_is_empty_hides_nothing() -> None:
    """What was there before is a version."""
    story = Story()
    story.caption(10, "好", final=False, line_id="a", times=(0, 500))
    story.caption(11, "", line_id="a", times=(0, 1_000))

    assert texts(story) == [["好", ""]]
    assert doubts(story) == [["without_text"]]


@pytest.mark.parametrize("lines", [{}, {"Mandarin": ""}])
def test_a_frame_without_text_is_a_cue(lines: dict[str, str]) -> None:
    """Nothing that came is left out."""
    story = Story()
    story.caption(10, lines, times=(0, 500))

    assert doubts(story) == [["without_text"]]


def test_a_final_frame_without_text_ends_the_sentence() -> None:
    """Its words are those that came last."""
    story = Story()
    story.caption(10, "好", final=False, times=(0, 500))
    story.caption(11, {}, times=(0, 500))

    assert texts(story) == [["好"]]
    assert doubts(story) == [[]]


def test_lines_of_one_language_stay_in_order() -> None:
    """A frame may have several, and of languages that it does not name."""
    story = Story()
    said = [("Mandarin", "一"), (None, "?"), ("Mandarin", "二")]
    story.caption(10, [CaptionLine(language=language, text=text, line_id=None) for language, text in said])

    assert [(text.language, text.text) for text in cues(story)[0].texts] == [("Mandarin", "一\n二"), ("und", "?")]


def test_what_does_not_say_whether_it_is_final_is_taken_for_final() -> None:
    """And marked."""
    story = Story()
    story.caption(10, "好", final=None, times=(0, 500))

    assert (texts(story), doubts(story)) == ([["好"]], [["final_unsaid"]])


def test_nobody_named_is_a_speaker_of_their_own() -> None:
    """Frames without a participant are folded like all others."""
    story = Story()
    story.caption(10, "好", pid=None, final=False, times=(0, 500))
    story.caption(11, "好的", pid=None, times=(0, 900))

    assert [(cue.participant_id, cue.speaker) for cue in cues(story)] == [(None, None)]


def test_a_surrogate_alone_is_replaced() -> None:
    """A file could not hold it; a pair is one character."""
    story = Story()
    story.caption(10, "好\ud800", pid="z\udc00", times=(0, 500))
    story.caption(11, "\ud83d\ude00", times=(2_000, 3_000))

    assert [(cue.participant_id, cue.texts[0].text) for cue in cues(story)] == [("z�", "好�"), ("zhang", "😀")]

"""What people say, as captions hear it: each sentence corrected while it is spoken, in Chinese and English. Pure."""

from typing import Final, NamedTuple


class State(NamedTuple):
    """A sentence as it was heard up to now; the last of a sentence is final."""

    chinese: str
    english: str


class Sentence(NamedTuple):
    """One sentence, in the language that it is spoken in and translated to the other."""

    in_chinese: bool
    states: tuple[State, ...]

    def texts(self, state: State) -> dict[str, str]:
        """Return a state by the reference's words for languages."""
        spoken = state.chinese if self.in_chinese else state.english
        return {"Original": spoken, "Mandarin": state.chinese, "English": state.english}


SENTENCES: Final = (
    Sentence(
        True,
        (
            State("我们先看一下", "Let us look"),
            State("我们先看一下三季度的收如", "Let us look at the income of the third"),
            State("我们先看一下三季度的收入。", "Let us look at the revenue of the third quarter first."),
        ),
    ),
    Sentence(
        True,
        (
            State("这个问题上周", "This problem last week"),
            State("这个问题上周已经修付了", "This problem was paid last week"),
            State("这个问题上周已经修复了，今天发布。", "This problem was fixed last week and ships today."),
        ),
    ),
    Sentence(
        False,
        (
            State("谁", "Who"),
            State("谁能写测试", "Who can right the tests"),
            State("谁能写这个接口的测试？", "Who can write the tests of this interface?"),
        ),
    ),
    Sentence(
        True,
        (
            State("听得到吗", "Can you hear"),
            State("听得到吗？我这边网络不太好。", "Can you hear me? My network is not so good."),
        ),
    ),
    Sentence(
        False,
        (
            State("我把", "I will share"),
            State("我把屏幕共享给大加", "I will share my scream"),
            State("我把屏幕共享给大家 📈", "I will share my screen 📈"),
        ),
    ),
    Sentence(
        True,
        (
            State("预算", "The budget"),
            State("预算还差 12", "The budget lacks 12"),
            State("预算还差 12.5%，下周二之前定下来。", "The budget lacks 12.5 %; let us settle it by next Tuesday."),
        ),
    ),
    Sentence(False, (State("好的", "Okay"), State("好的，下次会议再说。", "Okay, next meeting then."))),
)

"""What can be odd about a cue: the words of its `doubt`."""

from typing import Literal

Doubt = Literal[
    "times_missing",  # the service gave no begin or no end: derived from when its frames came
    "times_reversed",  # begin after end
    "times_negative",  # below zero
    "times_equal",  # of no length: shown for a second
    "times_apart",  # longer than anybody speaks: more than ten minutes
    "times_astray",  # more than a minute from when it came, by the other cues' times
    "same_id_other_text",  # a line ID that stood for another sentence before
    "same_id_other_speaker",  # a line ID that stood for somebody else's sentence before
    "final_before_interim",  # the final text came first
    "final_unsaid",  # the service did not say whether the text is final: taken for final
    "language_not_final",  # the final text came in some languages only
    "without_text",  # the service sent no text at all
    "before_start",  # over before the meeting had begun
    "after_end",  # begun when the meeting had ended
    "name_from_later",  # the speaker's name was told only afterwards
]

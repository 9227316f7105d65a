"""Write what the receiver makes of each frame of the corpus beside it."""

import json

from . import CASES, FRAMES, made

for case in CASES:
    text = json.dumps(made(case), ensure_ascii=False, indent=2)
    (FRAMES / case / "events.json").write_text(f"{text}\n")

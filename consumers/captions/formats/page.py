"""captions.html: a page to read and to print, in Chinese and English. Pure.

It is one file that asks for nothing else: no script, no picture, no address; its own policy forbids them, should
anything that was said turn out to be one.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from schemas.archive.manifest import Unseen

from ..transcript.shapes import Occurrence, Transcript
from .clock import utc
from .naming import tag
from .plain import Plain
from .text import block, one_line

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; max-width: 50rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.3; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { color: #595959; }
dd { margin: 0; overflow-wrap: anywhere; }
ol { list-style: none; padding: 0; }
li { margin: 0 0 1rem; padding-left: .75rem; border-left: 3px solid transparent; break-inside: avoid; }
li.unfinished { border-left-color: #b26a00; }
li.unseen { border-left-color: #b3261e; font-style: italic; }
li > header { font-size: .875rem; color: #595959; }
li > header bdi { font-weight: 600; }
p { margin: 0; white-space: pre-line; overflow-wrap: anywhere; }
.earlier { color: #595959; font-size: .875rem; }
.mark { font-size: .875rem; color: #8a5200; }
@media (prefers-color-scheme: dark) { dt, li > header, .earlier { color: #b0b0b0; } .mark { color: #f0b95f; } }
@media print { :root { color-scheme: light; } body { max-width: none; margin: 0; font-size: 11pt; } }
"""
_UNFINISHED: Final = ' class="unfinished"'
_EARLIER: Final = ' class="earlier"'
_STYLE_SHA256: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_SHA256}'; base-uri 'none'; form-action 'none'"


def written(transcript: Transcript, occurrence: Occurrence, cues: Sequence[Plain]) -> bytes:
    """Return the page. `cues`: those of the transcript."""
    return "".join(_page(transcript, occurrence, cues)).encode()


def _page(transcript: Transcript, occurrence: Occurrence, cues: Sequence[Plain]) -> Iterator[str]:
    subject = _plain(transcript.heading.subject or occurrence.meeting_id)
    yield "<!DOCTYPE html>\n"
    yield '<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{subject}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    yield f'<h1 dir="auto">{subject}</h1>\n<dl>\n'
    for chinese, english, value in _facts(transcript, occurrence):
        yield f"<dt>{_both(chinese, english)}</dt><dd>{value}</dd>\n"
    yield f"</dl>\n<h2>{_both('未接收到的时段', 'Not seen')}</h2>\n"
    yield from _spans(transcript.unseen)
    yield f"<h2>{_both('字幕', 'Captions')}</h2>\n"
    yield from _cues(cues, labelled=len(transcript.languages) > 1)
    yield "</main>\n</body>\n</html>\n"


def _facts(transcript: Transcript, occurrence: Occurrence) -> Iterator[tuple[str, str, str]]:
    heading = transcript.heading
    yield "会议 ID", "Meeting ID", _plain(occurrence.meeting_id)
    yield "会议 UUID", "UUID", _plain(occurrence.meeting_uuid)
    yield "企业", "Enterprise", _plain(occurrence.enterprise)
    yield "预订者", "Scheduler", f"<bdi>{_plain(heading.owner_name)}</bdi>"
    yield "开始", "Started", "—" if occurrence.started_at is None else utc(occurrence.started_at)
    yield "结束", "Ended", "—" if occurrence.ended_at is None else utc(occurrence.ended_at)
    yield "时间起点", "Times count from", utc(transcript.origin)
    yield "已知与会者", "People known", str(heading.people)
    yield "语言", "Languages", _plain(", ".join(transcript.languages))
    yield "字幕条数", "Cues", f"{len(transcript.cues)}"
    yield "未定稿", "Without a final text", f"{transcript.unfinished}"
    yield "存档编号", "Occurrence in the archive", _plain(occurrence.id)


def _spans(spans: list[Unseen]) -> Iterator[str]:
    if not spans:
        yield f"<p>{_both('无', 'Nothing')}</p>\n"
        return
    yield "<ol>\n"
    for span in spans:
        since = _both("开始", "the start") if span.since is None else utc(span.since)
        until = _both("结束", "the end") if span.until is None else utc(span.until)
        kind = f" ({_plain(span.push_type)})" if span.push_type else ""
        yield f'<li class="unseen">{since} – {until}: {_plain(span.reason)}{kind}</li>\n'
    yield "</ol>\n"


def _cues(cues: Sequence[Plain], *, labelled: bool) -> Iterator[str]:
    if not cues:
        yield f"<p>{_both('无', 'None')}</p>\n"
        return
    texts = _Texts(labelled=labelled)
    yield "<ol>\n"
    for one in cues:
        yield _cue(one, texts)
    yield "</ol>\n"


def _cue(one: Plain, texts: "_Texts") -> str:
    cue = one.cue
    parts = [
        f'<li id="cue-{cue.cue}"{"" if cue.final else _UNFINISHED}><header>{cue.cue} · {one.begin} '
        f"<bdi>{escape(one.who) or '—'}</bdi> · {utc(cue.spoken_at)}</header>\n"
    ]
    for version in cue.versions:
        parts.append(f'<div class="earlier">{_both("更正前", "Before it was corrected")}</div>\n')
        said = [(text.language, block(text.text)) for text in version.texts]
        parts += [texts.shown(language, text, _EARLIER) for language, text in said if text]
    parts += [texts.shown(language, text) for language, text in one.texts]
    if not cue.final:
        parts.append(f'<div class="mark">{_both("未收到定稿", "The final text never came")}</div>\n')
    if cue.doubt:
        parts.append(f'<div class="mark">{_both("存疑", "In doubt")}: {_plain(", ".join(cue.doubt))}</div>\n')
    return "".join([*parts, "</li>\n"])


class _Texts:
    """Paragraphs; what is the same for a language is made once."""

    def __init__(self, *, labelled: bool) -> None:
        self._labelled = labelled
        self._begins: dict[tuple[str, str], str] = {}

    def shown(self, language: str, text: str, attributes: str = "") -> str:
        key = language, attributes
        if key not in self._begins:
            label = f"<bdi>[{_plain(language)}]</bdi> " if self._labelled else ""
            self._begins[key] = f'<p dir="auto" lang="{tag(language)}"{attributes}>{label}'
        return f"{self._begins[key]}{escape(text)}</p>\n"


def _both(chinese: str, english: str) -> str:
    return f'{chinese} <span lang="en">{english}</span>'


def _plain(text: str | None) -> str:
    return escape(one_line(text or "")) or "—"

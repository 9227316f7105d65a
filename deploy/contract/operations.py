"""The operations of the dashboard's API, a line each: address, arguments, body, answer."""

from typing import Final

import msgspec

from schemas.api import alerts, archive, meetings, queries, session
from schemas.desk import SilenceWanted

Kind = type[msgspec.Struct]

EVENTS: Final = "text/event-stream"


class Operation(msgspec.Struct, frozen=True):
    """One method of one address."""

    method: str
    path: str
    name: str
    text: str
    query: Kind | None = None
    body: Kind | None = None
    answer: Kind | str | None = None
    """A struct, or a media type; None: an empty 204."""
    status: str = "200"
    in_path: str | None = None
    """What the part of the path in braces is."""
    is_open: bool = False
    """Anybody may ask."""
    resumes: bool = False


_LIST: Final = "Every meeting that is on, or was over within the last minutes."
_MEETING: Final = "One meeting in full. Its captions only for who may see them; then it is noted who did."
_STREAM: Final = """\
Records as the topics have them, as they come: server-sent events whose data is a CloudEvent. `id` is a cursor; a reader
that comes back with it as Last-Event-ID, to whatever replica, goes on there, and may get some records twice: they have
the same `id` inside. The event `missed` (Missed) tells a reader that is too slow, or was away for too long, how many
records at most it will not get. A line with a colon alone comes every 15 seconds where nothing else does."""
_LIVE: Final = """\
What changes, for an open page: events overview (Overview), row (a list of MeetingRow), gone (a list of IDs), meeting
(MeetingDetail), caption (Caption), alert (Alert), behind (Behind), missed (Missed). Ask for GET /api/v1/meetings once
it is open; what came meanwhile stands above that. Of a meeting that is not on nothing comes until it is."""
_FIRST: Final = "Become the first administrator, with the link that the first start printed; sets the session's cookie."
_ACKNOWLEDGE: Final = "Say that somebody is at it. For who may do something about alerts."
_SILENCES: Final = "Silences that hold or begin later. For who sees all enterprises."
_SILENCE: Final = "Have nobody told of certain alerts for a while. For who may do something about alerts."
_SEARCH: Final = "Search what was said. For who may read the archive; it is noted who did."
_ARCHIVED: Final = "The meetings that are kept. For who may read the archive."
_TRANSCRIPT: Final = "What was said in one meeting. For who may read the archive; it is noted who did."
_EXPORT: Final = (
    "One meeting as a package with its proof, for `meetwire archive verify --package`. It is noted who did."
)

_SESSIONS: Final = (
    Operation("get", "session", "session", "Who is logged in, and what he may.", answer=session.Session),
    Operation("post", "login", "login", "Log in; sets the session's cookie.", body=session.Login, is_open=True),
    Operation("post", "first", "first", _FIRST, body=session.First, is_open=True),
    Operation("post", "logout", "logout", "End the session."),
)
_MEETINGS: Final = (
    Operation("get", "meetings", "meetings", _LIST, query=queries.MeetingsQuery, answer=meetings.Meetings),
    Operation(
        "get",
        "meetings/{id}",
        "meeting",
        _MEETING,
        answer=meetings.MeetingDetail,
        in_path="The occurrence's ID, as the list has it.",
    ),
    Operation("get", "stream", "stream", _STREAM, query=queries.StreamQuery, answer=EVENTS, resumes=True),
    Operation("get", "live", "live", _LIVE, query=queries.LiveQuery, answer=EVENTS),
)
_ALERTS: Final = (
    Operation("get", "alerts", "alerts", "Alerts that stand, and the last that are over.", answer=alerts.Alerts),
    Operation(
        "post",
        "alerts/{id}/acknowledge",
        "acknowledge",
        _ACKNOWLEDGE,
        body=alerts.Acknowledge,
        in_path="The alert's ID.",
    ),
    Operation("get", "silences", "silences", _SILENCES, answer=alerts.Silences),
    Operation("post", "silences", "silence", _SILENCE, body=SilenceWanted, answer=alerts.Silence, status="201"),
    Operation("delete", "silences/{id}", "end_silence", "End a silence now.", in_path="The silence's ID."),
)
_ARCHIVE: Final = (
    Operation("get", "archive/search", "search", _SEARCH, query=queries.SearchQuery, answer=archive.Found),
    Operation(
        "get",
        "archive/meetings",
        "archived",
        _ARCHIVED,
        query=queries.ArchivedQuery,
        answer=archive.ArchivedMeetings,
    ),
    Operation(
        "get",
        "archive/meetings/{occurrence}",
        "transcript",
        _TRANSCRIPT,
        query=queries.TranscriptQuery,
        answer=archive.Transcript,
        in_path="The occurrence's ID.",
    ),
    Operation("get", "archive/export", "export", _EXPORT, query=queries.ExportQuery, answer="application/zip"),
)
OPERATIONS: Final = (*_SESSIONS, *_MEETINGS, *_ALERTS, *_ARCHIVE)

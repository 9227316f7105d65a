"""The operations of the dashboard's API, a line each: address, arguments, body, answer."""

from typing import Final

import msgspec

from schemas.api import alerts, archive, meetings, queries, session
from schemas.desk import SilenceWanted

Kind = type[msgspec.Struct]

EVENTS: Final = "text/event-stream"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
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


_STREAM: Final = """\
Records as the topics have them, as they come: server-sent events whose data is a CloudEvent. `id` is a cursor; a reader
that comes back with it as Last-Event-ID, to whatever replica, goes on there, and may get some records twice: they have
the same `id` inside. The event `missed` (Missed) tells a reader that is too slow, or was away for too long, how many
records at most it will not get. A line with a colon alone comes every 15 seconds where nothing else does."""
_LIVE: Final = """\
What changes, for an open page: events overview (Overview), row (a list of MeetingRow), gone (a list of IDs), meeting
(MeetingDetail), caption (Caption), alert (Alert), behind (Behind), missed (Missed). Ask for GET /api/v1/meetings once
it is open; what came meanwhile stands above that."""

OPERATIONS: Final = (
    Operation(
        method="get", path="session", name="session", text="Who is logged in, and what he may.", answer=session.Session
    ),
    Operation(
        method="post",
        path="login",
        name="login",
        text="Log in; sets the session's cookie.",
        body=session.Login,
        is_open=True,
    ),
    Operation(
        method="post",
        path="first",
        name="first",
        text="Become the first administrator, with the link that the first start printed; sets the session's cookie.",
        body=session.First,
        is_open=True,
    ),
    Operation(method="post", path="logout", name="logout", text="End the session."),
    Operation(
        method="get",
        path="meetings",
        name="meetings",
        text="Every meeting that is on, or was over within the last minutes.",
        query=queries.MeetingsQuery,
        answer=meetings.Meetings,
    ),
    Operation(
        method="get",
        path="meetings/{id}",
        name="meeting",
        text="One meeting in full. Its captions only for who may see them; then it is noted who did.",
        answer=meetings.MeetingDetail,
        in_path="The occurrence's ID, as the list has it.",
    ),
    Operation(
        method="get",
        path="stream",
        name="stream",
        text=_STREAM,
        query=queries.StreamQuery,
        answer=EVENTS,
        resumes=True,
    ),
    Operation(method="get", path="live", name="live", text=_LIVE, query=queries.LiveQuery, answer=EVENTS),
    Operation(
        method="get",
        path="alerts",
        name="alerts",
        text="Alerts that stand, and the last that are over.",
        answer=alerts.Alerts,
    ),
    Operation(
        method="post",
        path="alerts/{id}/acknowledge",
        name="acknowledge",
        text="Say that somebody is at it. For who may do something about alerts.",
        body=alerts.Acknowledge,
        in_path="The alert's ID.",
    ),
    Operation(
        method="get",
        path="silences",
        name="silences",
        text="Silences that hold or begin later. For who sees all enterprises.",
        answer=alerts.Silences,
    ),
    Operation(
        method="post",
        path="silences",
        name="silence",
        text="Have nobody told of certain alerts for a while. For who may do something about alerts.",
        body=SilenceWanted,
        answer=alerts.Silence,
        status="201",
    ),
    Operation(
        method="delete",
        path="silences/{id}",
        name="end_silence",
        text="End a silence now.",
        in_path="The silence's ID.",
    ),
    Operation(
        method="get",
        path="archive/search",
        name="search",
        text="Search what was said. For who may read the archive; it is noted who did.",
        query=queries.SearchQuery,
        answer=archive.Found,
    ),
    Operation(
        method="get",
        path="archive/meetings",
        name="archived",
        text="The meetings that are kept. For who may read the archive.",
        query=queries.ArchivedQuery,
        answer=archive.ArchivedMeetings,
    ),
    Operation(
        method="get",
        path="archive/meetings/{occurrence}",
        name="transcript",
        text="What was said in one meeting. For who may read the archive; it is noted who did.",
        query=queries.TranscriptQuery,
        answer=archive.Transcript,
        in_path="The occurrence's ID.",
    ),
    Operation(
        method="get",
        path="archive/export",
        name="export",
        text="One meeting as a package with its proof, for `meetwire archive verify --package`. It is noted who did.",
        query=queries.ExportQuery,
        answer="application/zip",
    ),
)

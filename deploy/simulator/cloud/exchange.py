"""From a meeting's changes to its sockets: frames are made, numbered, spoilt where asked for, sent and written down."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from zlib import crc32

import msgspec

from .faults import Faults, SocketFault
from .meeting import Meeting
from .open_socket import Socket
from .sent import Made, Sent
from .snapshots import snapshot
from .spoilt import unknown_action, with_odd_keys, with_wrong_types

_CAPTIONS = "RealTimeSubtitleNotify"


class Exchange:
    """All sockets, by meeting."""

    def __init__(self, now_ms: Callable[[], int], faults: Faults, sent: Sent, *, seed: int) -> None:
        self._now_ms = now_ms
        self._faults = faults
        self._sent = sent
        self._sockets: defaultdict[str, list[Socket]] = defaultdict(list)
        self._made = 0
        self._run = crc32(f"{seed} {now_ms()}".encode())
        self._last_full: dict[tuple[str, str], int] = {}

    def __iter__(self) -> Iterator[Socket]:
        """Go through all open sockets."""
        return (socket for sockets in list(self._sockets.values()) for socket in list(sockets))

    def of_meeting(self, meeting: Meeting) -> list[Socket]:
        """Return a meeting's open sockets."""
        return list(self._sockets.get(meeting.meeting_uuid, ()))

    def add(self, socket: Socket) -> None:
        """Let a socket take part in its meeting."""
        self._sockets[socket.meeting_uuid].append(socket)

    def remove(self, socket: Socket) -> None:
        """Forget a socket that is closed."""
        sockets = self._sockets[socket.meeting_uuid]
        sockets.remove(socket)
        if not sockets:
            del self._sockets[socket.meeting_uuid]
        if socket.held is not None:
            self._sent.note_unsent(socket.held, socket=socket.number, at_ms=self._now_ms(), what=SocketFault.DISORDER)

    def forget(self, meeting: Meeting) -> None:
        """Drop the numbers of a meeting that is over."""
        for action in meeting.push_types:
            self._last_full.pop((meeting.meeting_uuid, action), None)

    def publish(self, meeting: Meeting, action: str, members: Mapping[str, object], *, full: bool) -> None:
        """Send a change to all who subscribed; its number is used up even where nobody did."""
        if action not in meeting.push_types:
            return
        self.send(meeting, self._make(meeting, action, members, full=full))

    def publish_snapshot(self, meeting: Meeting, action: str) -> None:
        """Send a full frame to all who subscribed."""
        self.publish(meeting, action, snapshot(meeting, action, self._now_ms()) or {}, full=True)

    def greet(self, socket: Socket, meeting: Meeting) -> None:
        """Send a socket one full frame of each type that it subscribed to; those of captions come when spoken."""
        for action in meeting.push_types:
            members = snapshot(meeting, action, self._now_ms())
            if action in socket.types and members is not None:
                self._give(socket, self._make(meeting, action, members, full=True))

    def send(self, meeting: Meeting, made: Made) -> None:
        """Hand a frame to each socket that wants it; one whose action nobody knows, to all."""
        wanted = [
            socket
            for socket in self._sockets.get(meeting.meeting_uuid, ())
            if made.action in socket.types or (socket.types and made.action not in meeting.push_types)
        ]
        if not wanted:
            self._sent.note_unsent(made, socket=0, at_ms=self._now_ms(), what="nobody")
        for socket in wanted:
            self._give(socket, made)

    def _make(self, meeting: Meeting, action: str, members: Mapping[str, object], *, full: bool) -> Made:
        now_ms, message_id = self._now_ms(), self._message_id()
        version = self._full_version(meeting, action, now_ms) if full else meeting.next_number(action)
        # Of captions the reference has both as strings.
        spelt = str if action == _CAPTIONS else int
        frame = {
            **members,
            "confID": meeting.meeting_id,
            "msgID": message_id,
            "msgMode": 0 if full else 1,
            "version": spelt(version),
            "createTime": spelt(now_ms),
            "action": action,
        }
        return Made(
            meeting_id=meeting.meeting_id,
            meeting_uuid=meeting.meeting_uuid,
            action=action,
            message_id=message_id,
            mode="full" if full else "incremental",
            version=version,
            text=msgspec.json.encode(frame).decode(),
        )

    def _full_version(self, meeting: Meeting, action: str, now_ms: int) -> int:
        """Return when the frame was built; never the same twice for one push of one meeting."""
        key = (meeting.meeting_uuid, action)
        version = max(now_ms, self._last_full.get(key, 0) + 1)
        self._last_full[key] = version
        return version

    def _message_id(self) -> str:
        # In the shape of an RFC 4122 UUID of version 1, as in the samples.
        self._made += 1
        return f"{self._made & 0xFFFFFFFF:08x}62d111eb980a{self._run:012x}"

    def _give(self, socket: Socket, made: Made) -> None:
        if socket.frozen:
            self._keep_back(socket, made, SocketFault.FREEZE)
            return
        fault = self._faults.of_frame(made.meeting_id, incremental=made.mode == "incremental")
        match fault:
            case SocketFault.GAP | SocketFault.FREEZE | SocketFault.CLOSE:
                self._keep_back(socket, made, fault)
            case SocketFault.DISORDER if socket.held is None:
                socket.held = made
                return
            case SocketFault.DUPLICATE:
                self._put(socket, made)
                self._put(socket, made, what=fault)
            case SocketFault.UNKNOWN_ACTION:
                self._put(socket, self._unknown(made), what=fault)
                self._put(socket, made)
            case SocketFault.ODD_KEYS:
                self._put(socket, made, text=with_odd_keys(made.text), what=fault)
            case SocketFault.WRONG_TYPES:
                self._put(socket, made, text=with_wrong_types(made.text), what=fault)
            case _:
                self._put(socket, made)
        if socket.held is not None and not socket.frozen:
            held, socket.held = socket.held, None
            self._put(socket, held, what=SocketFault.DISORDER)

    def _keep_back(self, socket: Socket, made: Made, fault: SocketFault) -> None:
        self._sent.note_unsent(made, socket=socket.number, at_ms=self._now_ms(), what=fault)
        if fault is SocketFault.FREEZE:
            socket.frozen = True
        elif fault is SocketFault.CLOSE:
            socket.cut()

    def _put(self, socket: Socket, made: Made, *, text: str | None = None, what: str = "") -> None:
        self._sent.note(made, socket=socket.number, at_ms=self._now_ms(), text=text, what=what)
        socket.put(made.text if text is None else text)

    def _unknown(self, made: Made) -> Made:
        message_id = self._message_id()
        return msgspec.structs.replace(
            made,
            action="HologramNotify",
            message_id=message_id,
            mode="full",
            version=self._now_ms(),
            text=unknown_action(made.meeting_id, message_id, self._now_ms()),
        )

"""What a simulated cloud is told when it starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from ..push import Subscriber
from .faults import SocketFault
from .sites import SiteStory

# Meeting push reference, "subscribeType": the nine of the 2025 list, and NetConditionNotify of the pages before.
PUSH_TYPES: Final = (
    "ConfBasicInfoNotify",
    "ConfDynamicInfoNotify",
    "ParticipantsNotify",
    "AttendeesNotify",
    "SpeakerChangeNotify",
    "NetConditionNotify",
    "InviteResultNotify",
    "RealTimeSubtitleNotify",
    "WaitingListNotify",
    "InterpreterGroupNotify",
)


class WebhookTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where the enterprise push goes, and under whose name it is signed."""

    url: str
    subscriber: Subscriber
    ca_file: Path | None = None
    """Whose certificates the address may show, besides those that the machine trusts."""


class CloudOptions(msgspec.Struct, frozen=True, kw_only=True):
    """One enterprise's cloud. Times in seconds by the cloud's clock; the defaults are the reference's."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 lets the system choose one."""
    allow_remote: bool = False
    """Let it listen beyond this machine, and push there."""
    certificate_file: Path | None = None
    key_file: Path | None = None
    """With a certificate it speaks HTTPS and WSS."""
    seed: int = 1
    app_id: str = "5a1e0000000000000000000000000001"
    app_key: str = "simulated-app-key"
    service_provider: bool = False
    """The App ID is a service provider's, and its enterprise is `corp_id`."""
    corp_id: str = "651543334"
    access_token_s: int = 43_200
    refresh_token_s: int = 2_592_000
    control_token_s: int = 1_800
    socket_token_s: int = 60
    heartbeat_limit_s: float = 180.0
    """A socket without a HeartBeat for so long is closed."""
    sockets_end_with_token: bool = False
    """Close a socket when its control token ends; whether the service does is not documented."""
    push_types: tuple[str, ...] = PUSH_TYPES
    """What supportNotifyType says, where a meeting does not say otherwise."""
    socket_url: str | None = None
    """wsURL, where it is to name another address than this cloud's."""
    deflate: bool = False
    """Take permessage-deflate where the client offers it."""
    webhook: WebhookTarget | None = None
    """An enterprise push that is enabled from the start, without a handshake."""
    fault_rates: Mapping[SocketFault, float] = {}
    """How often each fault befalls a frame; 0.0 to 1.0."""
    lively: bool = False
    """People in meetings talk, share, raise hands and lose quality by themselves."""
    site_story: SiteStory | None = None
    """What becomes of one place; None: nothing."""
    keep_sent: bool = True
    """Keep each frame in the ledger; without, it counts only."""

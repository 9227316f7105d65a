"""[[enterprises]], and in each the App ID that listening to meetings takes."""

from typing import Annotated

import msgspec

from ..base import Settings
from ..secret import Secret


class App(Settings, frozen=True, kw_only=True):
    """App ID authentication of one enterprise: REST calls and meeting pushes. Without it there are neither."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    keys: tuple[Secret, ...] = ()
    """App Keys; several while one is being replaced: the next is tried where one is refused."""
    keys_file: str | None = None
    api: Annotated[
        str, msgspec.Meta(pattern=r"^https?://[^\s/?#@]+$", description="https://host or https://host:port")
    ] = "https://api.meeting.huaweicloud.com"
    service_provider: bool = False
    """The App ID is a service provider's; then `corp_id` names an enterprise of its."""
    corp_id: str | None = None
    user_id: str | None = None
    """Act as this user; none: as the enterprise's default administrator, who sees all meetings."""
    proxy: Annotated[str, msgspec.Meta(pattern=r"^http://[^\s/?#@]+$", description="http://host:port")] | None = None
    """On the way out, for REST calls and sockets. Without a user: a password in it would be shown with the rest."""
    ca_file: str | None = None
    """Whom to trust besides the system's authorities."""
    server_name: str | None = None
    """The name in the certificate of the address that the service hands out for sockets, where that is an IP."""
    request_timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=300)] = 10.0

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if not self.keys:
            raise ValueError("needs keys or keys_file: without one nothing can be signed")
        if self.corp_id is not None and not self.service_provider:
            raise ValueError("corp_id goes with service_provider = true; of one enterprise's own App ID it is refused")


class Enterprise(Settings, frozen=True, kw_only=True):
    """One enterprise of the service, as its page 会议事件推送 was filled in."""

    name: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$", description="up to 63 lower-case letters, digits, dots, _ and -"
        ),
    ]
    subscriber_id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] | None = None
    """`appID` in the body of an enterprise push; none where there is no such push, and an App ID alone."""
    callback_passwords: tuple[Secret, ...] = ()
    """Several while one is being replaced."""
    callback_passwords_file: str | None = None
    app: App | None = None
    """Works with or without callback passwords: the list of online meetings tells of them too."""

    def __post_init__(self) -> None:
        """Refuse an enterprise whose pushes nobody could check. Raises ValueError."""
        if not self.callback_passwords and self.app is None:
            raise ValueError("needs callback_passwords or callback_passwords_file: without one nothing can be verified")
        if self.callback_passwords and self.subscriber_id is None:
            raise ValueError("needs subscriber_id: an enterprise push is known by it")

"""The whole file: every table, and what has to fit across them."""

from ..base import Settings
from .captions import Captions
from .dashboard import Dashboard
from .enterprises import Enterprise
from .qos import Qos
from .receiver import Admin, Kafka, Log, Logging, Webhook
from .subscriber import Subscriber


class Root(Settings, frozen=True, kw_only=True):
    """The whole file."""

    webhook: Webhook = Webhook()
    log: Log = Log()
    kafka: Kafka | None = None
    admin: Admin = Admin()
    logging: Logging = Logging()
    subscriber: Subscriber = Subscriber()
    captions: Captions | None = None
    qos: Qos | None = None
    dashboard: Dashboard | None = None
    enterprises: tuple[Enterprise, ...] = ()

    def __post_init__(self) -> None:
        """Check across tables. Raises ValueError."""
        if self.webhook.answer_after == "kafka" and self.kafka is None:
            raise ValueError('webhook.answer_after = "kafka" needs a table [kafka]')
        for what in ("name", "subscriber_id"):
            values = [getattr(enterprise, what) for enterprise in self.enterprises]
            seen = [value for value in values if value is not None]
            if len(seen) != len(set(seen)):
                raise ValueError(f"enterprises: two have the same {what}")

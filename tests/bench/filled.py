"""A log that holds many records, written by the receiver's own code, without HTTP: what readers are measured on."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from deploy.simulator.distinct import distinct_pushes
from deploy.simulator.push import Subscriber
from receiver.decode import EnterprisePush, decode
from receiver.delivery import Delivery
from receiver.entry import Entry, Terms, enter
from receiver.log import LogFile
from receiver.verify import Account, verify
from schemas.ids import EnterpriseName, SubscriberId

from .receiver import PASSWORD, SUBSCRIBER

_COMMIT: Final = 500
_TERMS: Final = Terms(partitions=12, horizon=timedelta(hours=25))
_ACCOUNTS: Final = {
    SubscriberId(SUBSCRIBER): Account(enterprise=EnterpriseName("acme"), passwords=(PASSWORD.encode(),))
}


def fill(folder: Path, count: int) -> None:
    """Append `count` distinct pushes."""
    file = LogFile(folder, partitions=_TERMS.partitions, min_free_bytes=0, wrapped=True)
    try:
        entries: list[Entry] = []
        now = datetime.now(UTC)
        start = now - timedelta(milliseconds=count)
        for push in distinct_pushes(count, Subscriber(app_id=SUBSCRIBER, password=PASSWORD), start=start):
            entries.append(_entry(push.body, now))
            if len(entries) == _COMMIT:
                file.write(entries, time.time_ns() // 1_000_000)
                entries = []
        if entries:
            file.write(entries, time.time_ns() // 1_000_000)
    finally:
        file.close()


def _entry(body: bytes, now: datetime) -> Entry:
    push = decode(verify(Delivery(body=body, received_at=now), _ACCOUNTS))
    if not isinstance(push, EnterprisePush):
        raise TypeError("the simulator's push was not understood")
    return enter(push, _TERMS)

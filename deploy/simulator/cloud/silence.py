"""Close sockets that are past their time: 180 s without a HeartBeat, or with a control token that is over."""

from datetime import datetime, timedelta

from ..clock import reached
from .cloud import Cloud
from .open_socket import Socket


async def close_the_silent(cloud: Cloud) -> None:
    """Run until cancelled; sleeps by the cloud's clock until the earliest end there is."""
    while True:
        changed = cloud.changed
        deadlines = [_end(cloud, socket) for socket in cloud.exchange if not socket.ending]
        if not deadlines:
            await changed.wait()
        elif cloud.options.sockets_end_with_token:
            # A socket that is opened now may end before those that are open.
            await reached(cloud.clock, min(deadlines), changed)
        else:
            await cloud.clock.sleep_until(min(deadlines))
        for socket in cloud.exchange:
            if not socket.ending and _end(cloud, socket) <= cloud.clock.now():
                socket.end()


def _end(cloud: Cloud, socket: Socket) -> datetime:
    silent = socket.heard + timedelta(seconds=cloud.options.heartbeat_limit_s)
    if cloud.options.sockets_end_with_token and socket.token_until is not None:
        return min(silent, socket.token_until)
    return silent

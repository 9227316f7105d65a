"""Find out why no broker lets us in.

aiokafka says "unable to bootstrap" for a refused connection, a wrong password and a foreign certificate alike. An
operator has to know which of them it is.
"""

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError

from schemas.kafka import connection
from schemas.settings import Kafka


async def refusal(kafka: Kafka) -> Exception | None:
    """Return what the last server says that will not have us; None where one has."""
    arguments = connection(kafka)
    last: Exception | None = None
    for host, port, _ in collect_hosts(arguments.pop("bootstrap_servers")):
        try:
            opened = await create_conn(host, port, **arguments)
        except (OSError, KafkaError) as error:  # a TimeoutError is an OSError
            last = error
        else:  # pragma: no cover -- a broker that came in between
            # Not awaited: over TLS it waits for the other side.
            opened.close()
            return None
    return last

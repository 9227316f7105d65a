"""Find out who lets us in, or why nobody does.

aiokafka's own start says "unable to bootstrap" for a refused connection, a wrong password and a foreign certificate
alike. An operator has to know which of them it is.
"""

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaConnectionError, KafkaError

from schemas.kafka import connection
from schemas.settings import Kafka


async def knock(kafka: Kafka) -> None:
    """Return once one server has let us in. Raises what the last one said: OSError, TimeoutError, KafkaError."""
    arguments = connection(kafka)
    refusal: Exception = KafkaConnectionError("no server is given")
    for host, port, _ in collect_hosts(arguments.pop("bootstrap_servers")):
        try:
            opened = await create_conn(host, port, **arguments)
        except (OSError, KafkaError) as error:  # a TimeoutError is an OSError
            refusal = error
        else:
            # Not awaited: a frozen server may leave it something to write.
            opened.close()
            return
    raise refusal

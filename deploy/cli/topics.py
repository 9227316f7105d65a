"""`meetwire topics create|check`: are the topics as the settings say?"""

from argparse import ArgumentParser, Namespace

from aiokafka.errors import InvalidReplicationFactorError, KafkaError, TopicAuthorizationFailedError

from receiver.forward import check_topics, create_topics
from receiver.forward.topics import TopicState
from schemas.settings import Kafka

from ..voice import speak
from .loop import run
from .naming import add_config_option
from .settings import loaded, refuse


def add_topics_arguments(parser: ArgumentParser) -> None:
    """Add the two sub-commands."""
    what = parser.add_subparsers(dest="what", required=True, metavar="create|check")
    create = what.add_parser("create", help="create what is missing; change nothing that is there")
    check = what.add_parser("check", help="say what is there; exit status 1 where a topic is missing or differs")
    add_config_option(create, check)


def run_topics(arguments: Namespace) -> int:
    """Return 0 where every topic is there with the right number of partitions, 1 where not, 2 where Kafka is not."""
    root = loaded(arguments).root
    if root.kafka is None:
        return refuse("no table [kafka] in the settings")
    speak(root.logging)
    try:
        states = run(create_topics(root.kafka) if arguments.what == "create" else check_topics(root.kafka))
    except TopicAuthorizationFailedError as error:
        return refuse(f"not authorised for topic {error.args[0]}")
    except TimeoutError:
        return refuse(f"no answer from Kafka at {', '.join(root.kafka.servers)}")
    except (KafkaError, OSError, ValueError) as error:
        return refuse(f"Kafka at {', '.join(root.kafka.servers)}: {_words(error, root.kafka)}")
    for state in states:
        print(_line(state))
    return 0 if all(state.good for state in states) else 1


def _words(error: Exception, kafka: Kafka) -> str:
    if isinstance(error, InvalidReplicationFactorError):
        return f"kafka.replication {kafka.replication}: the cluster has fewer brokers"
    if isinstance(error, ConnectionResetError) and kafka.security.endswith("SSL"):
        return f"ends the connection where TLS begins; kafka.security {kafka.security} needs its port for TLS"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"


def _line(state: TopicState) -> str:
    if state.found is None:
        return f"{state.name}: missing, or not shown to this user; wanted with {state.wanted} partitions"
    if not state.good:
        return f"{state.name}: {state.found} partitions, kafka.partitions says {state.wanted}"
    return f"{state.name}: {state.found} partitions"

"""Publishes the log to Kafka: in order per partition, each record at least once, never one that Kafka did not take.

`forwarder` is the loop, `publisher` one connection, `topics` what must exist before, `failures` the one place that
says what a failure of Kafka means.
"""

from .forwarder import Forwarder
from .topics import TopicsDiffer, check_topics, create_topics

__all__ = ["Forwarder", "TopicsDiffer", "check_topics", "create_topics"]

"""Find Java and Kafka's jars, and run one of Kafka's own classes.

A missing part is a failure that says how to get it, never a skip: a suite that is green without the broker
has proved nothing about Kafka.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JARS = ROOT / ".parts/kafka/lib"
# What `classes` wrote down.
CLASSES = ROOT / ".parts/kafka/classes.jsa"

# A broker for a test lives for seconds: the quick compiler and the small collector start it sooner and leave the
# second core to the tests.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Djava.awt.headless=true")

# A broker that is measured is compiled as Java does it by itself, and as wherever one is in use.
THOROUGH = ("-XX:TieredStopAtLevel=4",)

# slf4j-simple writes to stderr. Every class prints its whole configuration at "info", thousands of lines.
LOGGING = (
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config.AbstractConfig=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaConfig=warn",
)

# Long for a tool that takes two seconds, short beside a test's own time limit.
TOOL_TIMEOUT_S = 90.0


def java(main: str, *arguments: str | Path, heap: str = "256m", options: Sequence[str] = ()) -> list[str]:
    """Return the command line that runs the class `main` of Kafka; fail the test where Java or the jars are missing."""
    executable = shutil.which("java")
    if executable is None:
        pytest.fail("Java is missing: install a Java runtime, 17 or newer (Debian: openjdk-17-jre-headless)", False)
    if not any(JARS.glob("kafka_*.jar")):
        pytest.fail(f"Kafka's jars are missing in {JARS}: run `make parts`", False)
    return [executable, *QUICK, *options, *LOGGING, f"-Xmx{heap}", "-cp", f"{JARS}/*", main, *map(str, arguments)]


def archived() -> Sequence[str]:
    """Return the options by which a broker need not load its classes one by one."""
    return (f"-XX:SharedArchiveFile={CLASSES}", "-Xlog:disable") if CLASSES.exists() else ()


def run_tool(main: str, *arguments: str | Path, timeout_s: float = TOOL_TIMEOUT_S) -> str:
    """Run one of Kafka's tools to its end and return what it printed; an exit code other than 0 fails the test."""
    done = subprocess.run(java(main, *arguments), capture_output=True, text=True, timeout=timeout_s, check=False)
    if done.returncode != 0:
        pytest.fail(f"{main} {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
    return done.stdout

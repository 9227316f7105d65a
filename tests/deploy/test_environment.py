"""The environment gives every setting outside arrays of tables, and beats the file."""

from pathlib import Path

import pytest

from deploy.settings import find, load, render
from deploy.settings.environment import names
from deploy.settings.tables import fields
from schemas.settings import Admin, Captions, Dashboard, Kafka, Log, Logging, Qos, Root, Subscriber, Webhook

from .refusal import folder, refusal

__all__ = ["folder"]


def test_every_setting_outside_arrays_has_a_name() -> None:
    """MEETWIRE_<TABLE>_<NAME>, for each setting of each table but [[enterprises]] and [[qos.notify]]."""
    tables = {"WEBHOOK": Webhook, "LOG": Log, "KAFKA": Kafka, "ADMIN": Admin, "LOGGING": Logging}
    tables |= {"SUBSCRIBER": Subscriber, "CAPTIONS": Captions, "QOS": Qos, "DASHBOARD": Dashboard}

    assert set(names()) == {
        f"MEETWIRE_{table}_{name.upper()}"
        for table, kind in tables.items()
        for name in fields(kind)
        if name != "notify"
    }


def test_values_are_read_by_the_type_of_their_setting() -> None:
    """Text as it is, numbers as TOML writes them, lists with commas or as TOML and JSON write them."""
    environ = {
        "MEETWIRE_WEBHOOK_LISTEN": ":80",
        "MEETWIRE_WEBHOOK_PATHS": "/a, /b",
        "MEETWIRE_WEBHOOK_ALLOW_FROM": '["10.0.0.0/8", "::1"]',
        "MEETWIRE_WEBHOOK_TRUSTED_PROXIES": "",
        "MEETWIRE_WEBHOOK_MAX_IN_FLIGHT": "1_000",
        "MEETWIRE_LOG_FOLDER": "123",
        "MEETWIRE_LOG_RETENTION_DAYS": "0.5",
        "MEETWIRE_KAFKA_SERVERS": "a:1,b:2",
        "MEETWIRE_KAFKA_USER": "true",
    }

    assert load(None, environ).root == Root(
        webhook=Webhook(
            listen=":80", paths=("/a", "/b"), allow_from=("10.0.0.0/8", "::1"), trusted_proxies=(), max_in_flight=1_000
        ),
        log=Log(folder="123", retention_days=0.5),
        kafka=Kafka(servers=("a:1", "b:2"), user="true"),
    )


@pytest.mark.parametrize(
    ("text", "captions"),
    [
        pytest.param("always", "always", id="a word"),
        pytest.param("900000001, *board*", ("900000001", "*board*"), id="with commas"),
        pytest.param('["周例会"]', ("周例会",), id="as TOML writes it"),
        pytest.param("[]", (), id="an empty list"),
    ],
)
def test_a_word_or_a_list_is_told_apart(text: str, captions: object) -> None:
    """A setting that takes either has both in the environment; a list of one needs its brackets."""
    assert load(None, {"MEETWIRE_SUBSCRIBER_CAPTIONS": text}).root.subscriber.captions == captions


def test_the_environment_beats_the_file(folder: Path) -> None:
    """One value of the environment replaces one of the file, and leaves its neighbours."""
    path = folder / "meetwire.toml"
    path.write_text('[log]\nfolder = "file"\nretention_days = 1\n[kafka]\nservers = ["file:1"]\nuser = "u"')

    loaded = load(path, {"MEETWIRE_LOG_FOLDER": "environment", "MEETWIRE_KAFKA_SERVERS": "environment:1"})

    assert loaded.root == Root(
        log=Log(folder="environment", retention_days=1), kafka=Kafka(servers=("environment:1",), user="u")
    )


@pytest.mark.usefixtures("folder")
def test_a_table_that_is_none_stays_refused() -> None:
    """A variable does not mend a file in which its table is something else."""
    assert refusal("admin = 1", {"MEETWIRE_ADMIN_LISTEN": ":1"}) == "meetwire.toml:1: admin: must be a table"


def test_what_is_not_ours_is_left_alone() -> None:
    """What Kubernetes sets for a service called meetwire, and the tests' own names, are no settings."""
    environ = {
        "HOME": "/root",
        "MEETWIRE_CONFIG": "x",
        "MEETWIRE_SEND_PASSWORD": "x",
        "MEETWIRE_TEST_KAFKA": "x",
        "MEETWIRE_SERVICE_HOST": "x",
        "MEETWIRE_SERVICE_PORT_HTTP": "x",
        "MEETWIRE_PORT": "x",
        "MEETWIRE_PORT_8080_TCP_ADDR": "x",
        "MEETWIRE_WEBHOOK_SERVICE_PORT": "x",
        "MEETWIRE_WEBHOOK_PORT_80_TCP": "x",
    }

    assert load(None, environ).root == Root()


def test_without_anything_the_defaults_hold() -> None:
    """No file and no variable: one machine, the local log, no enterprise yet."""
    assert load(None, {}).root == Root()


def test_the_file_is_the_one_named_or_the_one_that_is_there(folder: Path) -> None:
    """The option beats MEETWIRE_CONFIG, which beats ./meetwire.toml; without any there is no file."""
    environ = {"MEETWIRE_CONFIG": "from-environment.toml"}

    assert find(None, {}) is None
    (folder / "meetwire.toml").touch()
    assert find(None, {}) == Path("meetwire.toml")
    assert find(None, environ) == Path("from-environment.toml")
    assert find(Path("from-option.toml"), environ) == Path("from-option.toml")


def test_settings_as_text_say_where_each_value_came_from(folder: Path) -> None:
    """A value that is not the default has its line or its variable behind it."""
    Path("meetwire.toml").write_text('[log]\nretention_days = 1\n[kafka]\nservers = ["k:1"]\n')
    loaded = load(Path("meetwire.toml"), {"MEETWIRE_KAFKA_USER": 'a "quoted" \x7f 名'})

    told = [line for line in render(loaded.root, loaded.origins).splitlines() if "#" in line]

    assert told == [
        "retention_days = 1.0  # meetwire.toml:2",
        'servers = ["k:1"]  # meetwire.toml:4',
        'user = "a \\"quoted\\" \\u007f 名"  # MEETWIRE_KAFKA_USER',
    ]


@pytest.mark.usefixtures("folder")
def test_settings_as_text_can_be_loaded_again() -> None:
    """Where nothing is masked, what `config show` prints is a settings file with the same meaning."""
    root = load(None, {"MEETWIRE_KAFKA_SERVERS": "k:1", "MEETWIRE_WEBHOOK_PATHS": "/a,/b"}).root
    Path("again.toml").write_text(render(root))

    assert load(Path("again.toml"), {}).root == root

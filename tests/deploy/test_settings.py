"""What does not fit is refused, with a message that says which one, where, and what fits."""

from pathlib import Path

import pytest

from deploy.settings import SettingsError, load

from .refusal import folder, refusal

__all__ = ["folder"]

ENTERPRISE = """\
[[enterprises]]
name = "acme"
subscriber_id = "1"
callback_passwords = ["marker-secret"]
"""
OTHER = ENTERPRISE.replace('"acme"', '"other"').replace('"1"', '"2"')


pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            '[webhook]\nlisen = ":80"',
            "meetwire.toml:2: webhook.lisen: no such setting; did you mean listen?",
            id="a mistyped name",
        ),
        pytest.param('[log]\nx = "1"', "meetwire.toml:2: log.x: no such setting", id="a name like no other"),
        pytest.param(
            "[webhok]", "meetwire.toml:1: webhok: no such table; did you mean webhook?", id="a mistyped table"
        ),
        pytest.param("webhook = 1", "meetwire.toml:1: webhook: must be a table", id="a value for a table"),
        pytest.param(
            '[enterprises]\nname = "acme"',
            "meetwire.toml:1: enterprises: must be an array of tables: [[enterprises]]",
            id="a table for an array of tables",
        ),
        pytest.param(
            "enterprises = [1]",
            "meetwire.toml:1: enterprises[0]: must be a table",
            id="a value in an array of tables",
        ),
        pytest.param(
            '[webhook]\nmax_in_flight = "many"',
            "meetwire.toml:2: webhook.max_in_flight: must be a whole number, 1 at least",
            id="a wrong type",
        ),
        pytest.param(
            "[webhook]\nmax_in_flight = true",
            "meetwire.toml:2: webhook.max_in_flight: must be a whole number, 1 at least",
            id="true is no number",
        ),
        pytest.param(
            "\n\n[webhook]\n# in seconds\ndeadline_s = 26",
            "meetwire.toml:5: webhook.deadline_s: must be a number, above 0, 25 at most",
            id="above the range",
        ),
        pytest.param(
            "[webhook]\ndeadline_s = nan",
            "meetwire.toml:2: webhook.deadline_s: must be a number, above 0, 25 at most",
            id="not a number",
        ),
        pytest.param(
            "[log]\nretention_days = inf",
            "meetwire.toml:2: log.retention_days: must be a number, above 0, 36_500 at most",
            id="an endless number",
        ),
        pytest.param(
            '[webhook]\nanswer_after = "tape"',
            'meetwire.toml:2: webhook.answer_after: must be "disk" or "kafka"',
            id="none of the choices",
        ),
        pytest.param(
            '[admin]\nlisten = "127.0.0.1:65536"',
            "meetwire.toml:2: admin.listen: must be host:port, IPv6 as [::1]:port",
            id="a port that there is not",
        ),
        pytest.param(
            '[webhook]\npaths = [\n  "/good",\n  "bad",\n]',
            "meetwire.toml:2: webhook.paths[1]: must be a path that begins with /",
            id="one of a list",
        ),
        pytest.param(
            "[webhook]\npaths = []",
            "meetwire.toml:1: webhook: paths needs one path at least",
            id="an empty list",
        ),
        pytest.param(
            '[webhook]\nallow_from = ["here"]',
            "meetwire.toml:1: webhook: allow_from: each must be a network such as 10.0.0.0/8 or an address",
            id="no network",
        ),
        pytest.param(
            '[webhook]\ntls_key_file = "key"',
            "meetwire.toml:1: webhook: tls_certificate_file and tls_key_file go together",
            id="a key without a certificate",
        ),
        pytest.param(
            '[webhook]\nanswer_after = "kafka"',
            'meetwire.toml: webhook.answer_after = "kafka" needs a table [kafka]',
            id="answers wait for a Kafka that there is not",
        ),
        pytest.param(
            "[kafka]\nreplication = 3",
            "meetwire.toml:1: kafka.servers: missing; "
            "must be a list of one at least, each host:port, IPv6 as [::1]:port",
            id="Kafka nowhere",
        ),
        pytest.param(
            '[kafka]\nservers = ["k:1"]\ncertificate_file = "c"',
            "meetwire.toml:1: kafka: certificate_file and key_file go together",
            id="a certificate without a key",
        ),
        pytest.param(
            '[kafka]\nservers = ["k:1"]\nsecurity = "SASL_SSL"\nuser = "u"',
            "meetwire.toml:1: kafka: security SASL_SSL needs user and password",
            id="a user without a password",
        ),
        pytest.param(
            "[webhook]\nlisten =", "meetwire.toml: is not TOML: Invalid value (at end of document)", id="no TOML"
        ),
        pytest.param(
            ENTERPRISE + ENTERPRISE.replace('"acme"', '"other"'),
            "meetwire.toml: enterprises: two have the same subscriber_id",
            id="two enterprises that cannot be told apart",
        ),
        pytest.param(
            ENTERPRISE.replace("acme", "Acme Ltd"),
            "meetwire.toml:2: enterprises[0].name: must be up to 63 lower-case letters, digits, dots, _ and -",
            id="a name that is no name",
        ),
        pytest.param(
            ENTERPRISE + ENTERPRISE.replace('subscriber_id = "1"\n', ""),
            "meetwire.toml:5: enterprises[1]: needs subscriber_id: an enterprise push is known by it",
            id="the second of two lacks something",
        ),
        pytest.param(
            '[subscriber]\ncaptions = "alway"',
            'meetwire.toml:2: subscriber.captions: must be "always" or "never" or "when-running" or a list, each text',
            id="neither a choice nor a list",
        ),
        pytest.param(
            '[subscriber]\ncaptions = [\n  "900000001",\n  900000002,\n]',
            "meetwire.toml:2: subscriber.captions[1]: must be text",
            id="one of a list where a word fits too",
        ),
        pytest.param(
            ENTERPRISE + '[enterprises.app]\nkeys = ["marker"]',
            "meetwire.toml:5: enterprises[0].app.id: missing; must be text, 1 characters at least, 256 at most",
            id="a table in an array of tables lacks something",
        ),
        pytest.param(
            ENTERPRISE + OTHER + '[enterprises.app]\nid = "a"\nkeys = ["marker"]\ncorpid = "c"',
            "meetwire.toml:12: enterprises[1].app.corpid: no such setting; did you mean corp_id?",
            id="a mistyped name in a table of the second",
        ),
        pytest.param(
            ENTERPRISE + '[enterprises.app]\nid = "a"\nkeys = ["marker"]\ncorp_id = "c"',
            "meetwire.toml:5: enterprises[0].app: corp_id goes with service_provider = true; "
            "of one enterprise's own App ID it is refused",
            id="a corporation of nobody",
        ),
        pytest.param(
            ENTERPRISE + "app = 1",
            "meetwire.toml:5: enterprises[0].app: must be a table",
            id="a value for a table in an array of tables",
        ),
        pytest.param(
            ENTERPRISE + '[[enterprises.app]]\nid = "a"',
            "meetwire.toml:1: enterprises[0].app: must be a table",
            id="two App IDs",
        ),
        pytest.param(
            ENTERPRISE + 'app = { id = "a", keys = ["marker"], proxy = "http://marker:marker@p:1" }',
            "meetwire.toml:5: enterprises[0].app.proxy: must be http://host:port",
            id="a password where it would be shown",
        ),
        pytest.param(
            ENTERPRISE + 'app = { id = "a", keys = ["marker"], api = "api.example.com" }',
            "meetwire.toml:5: enterprises[0].app.api: must be https://host or https://host:port",
            id="an address that is none",
        ),
    ],
)
def test_what_does_not_fit_is_told(text: str, message: str) -> None:
    """One fault, one line: where it stands, which setting it is, and what fits."""
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("MEETWIRE_WEBHOOK_LISTEN", "8080", "MEETWIRE_WEBHOOK_LISTEN: must be host:port, IPv6 as [::1]:port"),
        ("MEETWIRE_WEBHOOK_PATHS", '["/a"', "MEETWIRE_WEBHOOK_PATHS: must be a list, each a path that begins with /"),
        ("MEETWIRE_WEBHOOK_PATHS", "/a, b", "MEETWIRE_WEBHOOK_PATHS: must be a path that begins with /"),
        (
            "MEETWIRE_LOG_RETENTION_DAYS",
            "a week",
            "MEETWIRE_LOG_RETENTION_DAYS: must be a number, above 0, 36_500 at most",
        ),
        ("MEETWIRE_LOG_RETENTION_DAYS", "", "MEETWIRE_LOG_RETENTION_DAYS: must be a number, above 0, 36_500 at most"),
        ("MEETWIRE_KAFKA_PASSWORD", "", "MEETWIRE_KAFKA_PASSWORD: must be text in quotes, not empty"),
        ("MEETWIRE_LOGGING_LEVEL", "loud", 'MEETWIRE_LOGGING_LEVEL: must be "debug" or "error" or "info" or "warning"'),
        (
            "MEETWIRE_SUBSCRIBER_CAPTIONS",
            "alway",
            'MEETWIRE_SUBSCRIBER_CAPTIONS: must be "always" or "never" or "when-running" or a list, each text',
        ),
        (
            "MEETWIRE_SUBSCRIBER_SKIP",
            "[1]",
            "MEETWIRE_SUBSCRIBER_SKIP: must be text",
        ),
        ("MEETWIRE_ENTERPRISES_APP_ID", "x", "MEETWIRE_ENTERPRISES_APP_ID: no such setting"),
        ("MEETWIRE_LOG_FOLDR", "x", "MEETWIRE_LOG_FOLDR: no such setting; did you mean MEETWIRE_LOG_FOLDER?"),
        ("MEETWIRE_ENTERPRISES_NAME", "x", "MEETWIRE_ENTERPRISES_NAME: no such setting"),
        ("MEETWIRE_X", "x", "MEETWIRE_X: no such setting"),
    ],
)
def test_a_variable_that_does_not_fit_is_told(variable: str, value: str, message: str) -> None:
    """The environment is held to the same rules, and a fault there names the variable."""
    assert refusal('[kafka]\nservers = ["k:1"]', {variable: value}) == message


def test_every_fault_is_told_at_once() -> None:
    """An operator mends a file in one go: no fault hides behind another."""
    told = refusal("[log]\nfoldr = 1\nretention_days = 0\n[admin]\nlisten = 1", {"MEETWIRE_LOG_X": "1"})

    assert told.splitlines() == [
        "MEETWIRE_LOG_X: no such setting",
        "meetwire.toml:2: log.foldr: no such setting; did you mean folder?",
        "meetwire.toml:3: log.retention_days: must be a number, above 0, 36_500 at most",
        "meetwire.toml:5: admin.listen: must be host:port, IPv6 as [::1]:port",
    ]


def test_a_file_that_is_not_there_is_told() -> None:
    """A settings file that was named must be there: the defaults are not what was asked for."""
    with pytest.raises(SettingsError) as refused:
        load(Path("elsewhere.toml"), {})

    assert str(refused.value) == "elsewhere.toml: cannot be read: No such file or directory"


def test_a_file_that_is_not_text_is_told() -> None:
    """Bytes that are no UTF-8 are refused as such."""
    Path("meetwire.toml").write_bytes(b"\xff")

    with pytest.raises(SettingsError) as refused:
        load(Path("meetwire.toml"), {})

    assert str(refused.value) == "meetwire.toml: is not UTF-8 text"

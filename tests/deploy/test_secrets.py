"""Secrets are taken from where the settings say, read again when asked, and never shown."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from deploy.settings import Loaded, SettingsError, load, reload_secrets, render
from schemas.settings import App, Enterprise, Kafka, Root, Secret

from .refusal import folder, refusal

__all__ = ["folder"]

pytestmark = pytest.mark.usefixtures("folder")

SETTINGS = """\
[kafka]
servers = ["k:1"]
security = "SASL_SSL"
user = "meetwire"
password_file = "secrets/kafka"

[[enterprises]]
name = "acme"
subscriber_id = "1"
callback_passwords_file = "secrets/acme"

[enterprises.app]
id = "app-1"
keys_file = "secrets/app"

[[enterprises]]
name = "other"
subscriber_id = "2"
callback_passwords = ["marker-inline"]
app = { id = "app-2", keys = ["marker-app"] }
"""


def secret_file(name: str, *secrets: str, mode: int = 0o640) -> None:
    """Write a file of secrets where SETTINGS looks for it."""
    path = Path("etc/secrets") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(secrets))
    path.chmod(mode)


def loaded(settings: str = SETTINGS, *, mode: int = 0o640) -> Loaded:
    """Load SETTINGS, which lie in etc/ beside their secrets."""
    secret_file("kafka", "marker-kafka", mode=mode)
    secret_file("app", "marker-app-new", "marker-app-old", mode=mode)
    secret_file("acme", "marker-new\r", "", "  ", "marker old ", mode=mode)
    Path("etc/meetwire.toml").write_text(settings)
    return load(Path("etc/meetwire.toml"), {})


def app(*keys: str) -> App:
    """Return the App ID of acme as SETTINGS has it."""
    return App(id="app-1", keys=tuple(map(Secret, keys)), keys_file="etc/secrets/app")


APP = app("marker-app-new", "marker-app-old")


def acme(*passwords: str, app: App = APP) -> Enterprise:
    """Return the enterprise acme as SETTINGS has it."""
    return Enterprise(
        name="acme",
        subscriber_id="1",
        callback_passwords=tuple(map(Secret, passwords)),
        callback_passwords_file="etc/secrets/acme",
        app=app,
    )


OTHER_APP = App(id="app-2", keys=(Secret("marker-app"),))
OTHER = Enterprise(name="other", subscriber_id="2", callback_passwords=(Secret("marker-inline"),), app=OTHER_APP)
KAFKA = Kafka(
    servers=("k:1",),
    security="SASL_SSL",
    user="meetwire",
    password=Secret("marker-kafka"),
    password_file="etc/secrets/kafka",
)


def test_secrets_come_from_files_beside_the_settings() -> None:
    """A secret file lies relative to the settings file; blank lines are nothing, other spaces are the secret's."""
    assert loaded().root == Root(kafka=KAFKA, enterprises=(acme("marker-new", "marker old "), OTHER))


def test_a_mark_of_byte_order_is_no_part_of_a_secret() -> None:
    """Editors that write one do not change the password."""
    Path("password").write_text("secret", encoding="utf-8-sig")
    Path("meetwire.toml").write_text('[kafka]\nservers = ["k:1"]\npassword_file = "password"')

    kafka = load(Path("meetwire.toml"), {}).root.kafka

    assert kafka == Kafka(servers=("k:1",), password=Secret("secret"), password_file="password")


def test_a_secret_that_everybody_can_read_is_a_warning() -> None:
    """Kubernetes mounts secrets so: the operator is told, and the start goes on."""
    assert loaded(mode=0o644).warnings == (
        "etc/secrets/kafka: everybody on this machine can read it (chmod o= etc/secrets/kafka)",
        "etc/secrets/acme: everybody on this machine can read it (chmod o= etc/secrets/acme)",
        "etc/secrets/app: everybody on this machine can read it (chmod o= etc/secrets/app)",
    )
    assert loaded(mode=0o640).warnings == ()


def test_a_secret_in_the_environment_replaces_a_file_of_secrets() -> None:
    """The environment beats the settings file whichever way each gives the secret."""
    loaded()

    root = load(Path("etc/meetwire.toml"), {"MEETWIRE_KAFKA_PASSWORD": "marker-environment"}).root

    assert root.kafka == msgspec.structs.replace(KAFKA, password=Secret("marker-environment"), password_file=None)


def test_a_file_of_secrets_in_the_environment_replaces_a_secret() -> None:
    """A path in the environment is relative to where we run, not to the settings file."""
    Path("password").write_text("from the file")
    Path("etc").mkdir()
    Path("etc/meetwire.toml").write_text('[kafka]\nservers = ["k:1"]\npassword = "inline"')

    root = load(Path("etc/meetwire.toml"), {"MEETWIRE_KAFKA_PASSWORD_FILE": "password"}).root

    assert root.kafka == Kafka(servers=("k:1",), password=Secret("from the file"), password_file="password")


def test_a_secret_twice_in_the_environment_is_refused() -> None:
    """Which of the two is meant cannot be guessed."""
    environ = {"MEETWIRE_KAFKA_PASSWORD": "marker", "MEETWIRE_KAFKA_PASSWORD_FILE": "password"}

    assert refusal('[kafka]\nservers = ["k:1"]', environ) == (
        "MEETWIRE_KAFKA_PASSWORD: password and password_file: one of the two"
    )


def test_no_password_within_an_address_is_shown() -> None:
    """A witness on the web may want one, and there it can stand nowhere else."""
    Path("meetwire.toml").write_text('[captions]\nwitness = ["https://ann:marker@example.com/c?a=b@c", "file:a@b"]')

    shown = render(load(Path("meetwire.toml"), {}).root)

    assert tomllib.loads(shown)["captions"]["witness"] == ["https://********@example.com/c?a=b@c", "file:a@b"]


def test_no_secret_is_shown() -> None:
    """Secrets are masked by their type, in the settings as text and in every repr."""
    settings = loaded()
    environment = load(None, {"MEETWIRE_KAFKA_SERVERS": "k:1", "MEETWIRE_KAFKA_PASSWORD": "marker-environment"})
    shown = [render(settings.root), repr(settings), render(environment.root), repr(environment)]

    acme, other = tomllib.loads(shown[0])["enterprises"]
    assert acme.pop("app") == {
        "id": "app-1",
        "keys": ["********", "********"],
        "keys_file": "etc/secrets/app",
        "api": "https://api.meeting.huaweicloud.com",
        "service_provider": False,
        "request_timeout_s": 10.0,
    }
    assert acme == {
        "name": "acme",
        "subscriber_id": "1",
        "callback_passwords": ["********", "********"],
        "callback_passwords_file": "etc/secrets/acme",
    }
    assert (other["app"]["id"], other["app"]["keys"]) == ("app-2", ["********"])
    assert [text.count("********") for text in shown] == [7, 7, 1, 1]
    assert "marker" not in "".join(shown)


def test_secrets_are_read_again() -> None:
    """What the sources hold now is taken up, in files and in the settings file itself; the rest stays."""
    before = loaded()
    secret_file("kafka", "changed-kafka")
    secret_file("acme", "changed-acme")
    secret_file("app", "changed-app")
    changed = SETTINGS.replace("marker-inline", "changed-inline").replace("marker-app", "changed-other-app")
    Path("etc/meetwire.toml").write_text(changed)

    after = reload_secrets(before)

    assert after.root == Root(
        kafka=msgspec.structs.replace(KAFKA, password=Secret("changed-kafka")),
        enterprises=(
            acme("changed-acme", app=app("changed-app")),
            msgspec.structs.replace(
                OTHER,
                callback_passwords=(Secret("changed-inline"),),
                app=App(id="app-2", keys=(Secret("changed-other-app"),)),
            ),
        ),
    )
    assert after.warnings == ()


def test_what_is_no_secret_waits_for_a_restart() -> None:
    """Other changes are named and not taken up, enterprises that came or went among them."""
    before = loaded()
    settings = SETTINGS.replace('"other"', '"third"').replace("k:1", "k:2") + '[admin]\nlisten = ":1"\n'
    Path("etc/meetwire.toml").write_text(settings)

    after = reload_secrets(before)

    assert after.root == before.root
    assert after.warnings == ("changed, but taken up by a restart alone: kafka, admin, enterprises",)


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        pytest.param('id = "app-2"', 'id = "app-3"', id="another App ID"),
        pytest.param('app = { id = "app-2", keys = ["marker-app"] }\n', "", id="gone"),
    ],
)
def test_another_app_id_waits_for_a_restart(found: str, instead: str) -> None:
    """Its keys are no use for the one that is in force."""
    before = loaded()
    Path("etc/meetwire.toml").write_text(SETTINGS.replace(found, instead).replace("marker-app", "changed-app"))

    after = reload_secrets(before)

    assert after.root == before.root
    assert after.warnings == ("changed, but taken up by a restart alone: enterprises",)


def test_an_app_id_that_came_waits_for_a_restart() -> None:
    """Until then there are no meeting pushes of that enterprise."""
    before = loaded(SETTINGS.replace('app = { id = "app-2", keys = ["marker-app"] }\n', ""))
    Path("etc/meetwire.toml").write_text(SETTINGS)

    after = reload_secrets(before)

    assert after.root == before.root
    assert after.warnings == ("changed, but taken up by a restart alone: enterprises",)


def test_a_kafka_that_went_or_came_waits_for_a_restart() -> None:
    """A table that is new or gone is no change of a secret."""
    with_kafka = loaded()
    Path("etc/meetwire.toml").write_text(SETTINGS[SETTINGS.index("[[") :])
    without_kafka = load(Path("etc/meetwire.toml"), {})

    assert reload_secrets(with_kafka).root == with_kafka.root
    Path("etc/meetwire.toml").write_text(SETTINGS)
    assert reload_secrets(without_kafka).root == without_kafka.root


def test_secrets_that_do_not_fit_leave_the_old_ones_in_force() -> None:
    """A slip while a password is being replaced does not stop a service that runs."""
    before = loaded()
    secret_file("acme")

    with pytest.raises(SettingsError) as refused:
        reload_secrets(before)

    assert str(refused.value) == (
        "etc/meetwire.toml:10: enterprises[0].callback_passwords_file: etc/secrets/acme: holds no secret"
    )
    assert before.root == Root(kafka=KAFKA, enterprises=(acme("marker-new", "marker old "), OTHER))

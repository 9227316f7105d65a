"""Read the secrets again while the service runs, and nothing else: the rest of the settings needs a restart."""

from dataclasses import replace

import msgspec

from schemas.settings import App, Enterprise, Root

from .load import Loaded, load
from .tables import fields


def reload_secrets(loaded: Loaded) -> Loaded:
    """Return `loaded` with the secrets that its sources hold now; what else changed there is a warning.

    Enterprises are matched by name. Raises SettingsError where the sources do not fit; then `loaded` stays good.
    """
    fresh = load(loaded.path, loaded.environ)
    root = _with_secrets_of(loaded.root, fresh.root)
    changed = [name for name in fields(Root) if getattr(root, name) != getattr(fresh.root, name)]
    waiting = (f"changed, but taken up by a restart alone: {', '.join(changed)}",) if changed else ()
    return replace(loaded, root=root, warnings=fresh.warnings + waiting)


def _with_secrets_of(old: Root, new: Root) -> Root:
    by_name = {enterprise.name: enterprise for enterprise in new.enterprises}
    enterprises = tuple(_renewed(enterprise, by_name.get(enterprise.name)) for enterprise in old.enterprises)
    kafka = old.kafka
    if kafka and new.kafka:
        kafka = msgspec.structs.replace(kafka, password=new.kafka.password, password_file=new.kafka.password_file)
    return msgspec.structs.replace(old, enterprises=enterprises, kafka=kafka)


def _renewed(old: Enterprise, new: Enterprise | None) -> Enterprise:
    if new is None:
        return old
    return msgspec.structs.replace(
        old,
        callback_passwords=new.callback_passwords,
        callback_passwords_file=new.callback_passwords_file,
        app=_renewed_app(old.app, new.app),
    )


def _renewed_app(old: App | None, new: App | None) -> App | None:
    # The keys of another App ID are no use for this one.
    if old is None or new is None or old.id != new.id:
        return old
    return msgspec.structs.replace(old, keys=new.keys, keys_file=new.keys_file)

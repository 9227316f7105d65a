"""Every way the archive can fail, and what follows.

ArchiveError
├── StoreUnavailable   the store does not answer or refuses: tried again, then the consumer ends; nothing is committed
├── Missing            no such key
├── Locked             the store refuses to delete or replace: Object Lock, or a hold
├── Held               a legal hold forbids it: said to who asked
├── NotYet             it cannot be done before a time that the message says: said to who asked, or tried again
├── Conflict           what lies under a key is not what should: said loudly, nothing is overwritten
├── Altered            the archive is not what its ledger says; the message says what and where
└── Misconfigured      settings that do not go together, or a key that is not one: refused at start
    └── NoArchive      none was begun in the store: whoever only asks makes none
"""


class ArchiveError(Exception):
    """The root of the tree."""


class StoreUnavailable(ArchiveError):
    """The message says which store and what is wrong, never a secret."""


class Missing(ArchiveError):
    """The message is the key."""


class Locked(ArchiveError):
    """The message names the key and what the store said."""


class Held(ArchiveError):
    """The message names the hold."""


class NotYet(ArchiveError):
    """The message says from when on."""


class Conflict(ArchiveError):
    """The message names the key."""


class Altered(ArchiveError):
    """The message names file, line and leaf."""


class Misconfigured(ArchiveError):
    """The message names the setting and the remedy."""


class NoArchive(Misconfigured):
    """The message names the store, whole."""

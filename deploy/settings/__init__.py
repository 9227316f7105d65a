"""Load the settings: from a TOML file, the environment, and the files that secrets are in.

`load` is called once, where a command starts; nothing else reads the environment. What does not fit is a SettingsError
that names every fault, never a value. `reload_secrets` reads the same sources again on SIGHUP.
"""

from .errors import Problem, SettingsError
from .load import Loaded, find, load
from .reload import reload_secrets
from .render import render

__all__ = ["Loaded", "Problem", "SettingsError", "find", "load", "reload_secrets", "render"]

"""The promise behind every 200: records on disk, in order, each push once.

`file` is the SQLite file and knows no event loop; `commit` gathers what waits into one commit; `retention` lets go of
what nobody needs any more. One process writes a log; any number read it.
"""

from .commit import GATHER_S, SqliteLog
from .file import LogFile
from .fresh import Appended
from .opening import LogInUse, LogMismatch
from .port import Log
from .read import LogReader
from .tail import Chunk

__all__ = ["GATHER_S", "Appended", "Chunk", "Log", "LogFile", "LogInUse", "LogMismatch", "LogReader", "SqliteLog"]

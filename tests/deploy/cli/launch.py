"""Run `meetwire` as its console script does, with the event loop watched as the tests' own is."""

import sys

from blockbuster import BlockBuster

from deploy.cli import main

detector = BlockBuster(["receiver", "consumers", "schemas", "deploy"])
# At its very end a loop waits for its threads, if there are any left by then.
detector.functions["threading.Lock.acquire"].can_block_in("asyncio/runners.py", "close")
detector.activate()
sys.exit(main())

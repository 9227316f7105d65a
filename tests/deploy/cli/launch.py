"""Run `meetwire` as its console script does, with the event loop watched as the tests' own is."""

import sys

from blockbuster import BlockBuster

from deploy.cli import main

BlockBuster(["receiver", "consumers", "schemas", "deploy"]).activate()
sys.exit(main())

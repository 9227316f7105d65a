"""Run `meetwire` as its console script does, with the event loop watched as the tests' own is."""

import sys

from deploy.cli import main
from tests.watching import detector

detector().activate()
sys.exit(main())

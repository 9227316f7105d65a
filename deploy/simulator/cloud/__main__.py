"""Run the cloud in a process of its own: `python -m deploy.simulator.cloud …`."""

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main())

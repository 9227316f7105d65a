"""Run the cloud in a process of its own: `python -m deploy.simulator.cloud …`."""

import argparse
import sys

from .command import add_cloud_arguments, run_cloud


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m deploy.simulator.cloud", description="The simulated cloud.")
    add_cloud_arguments(parser)
    return run_cloud(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())

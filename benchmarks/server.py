"""`python -m benchmarks.server PORT`: the server as `zhanwang serve` runs one, on a database that is there already."""

import sys

from server.serving import configuration
from server.settings import Settings
from server.workers import Server


def main() -> None:
    """Serve until told to stop, with the settings of the environment."""
    Server(configuration(Settings.load(), port=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()

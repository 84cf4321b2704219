"""`python -m loadtest` floods a worker of one's own."""

import sys

try:
    from loadtest.command import main
    from loadtest.door import run

    run(main, "loadtest")
except KeyboardInterrupt:  # before there was anybody to take it
    sys.stderr.write("loadtest: stopped\n")
    sys.exit(2)

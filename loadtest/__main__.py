"""`python -m loadtest` floods a worker of one's own; `python -m loadtest trace` writes a flood as a trace."""

import sys

try:
    from loadtest.door import run

    if sys.argv[1:2] == ["trace"]:
        from loadtest.tracecommand import main

        del sys.argv[1]
        run(main, "loadtest trace")
    from loadtest.command import main

    run(main, "loadtest")
except KeyboardInterrupt:  # before there was anybody to take it
    sys.stderr.write("loadtest: stopped\n")
    sys.exit(2)

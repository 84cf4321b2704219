"""`antirelou` with workers that are spawned, as Granian does from Python 3.14 on: `python -m tests.spawned serve FILE`.

There the standard library starts processes by a fork server, and Granian, which cannot share sockets through one, spawns.
"""

import multiprocessing

from edge.cli import main

if __name__ == "__main__":  # each worker imports this file, and must not serve anew
    multiprocessing.set_start_method("forkserver")
    main()

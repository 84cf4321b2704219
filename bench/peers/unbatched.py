"""The floor or our worker as Linux's default scheduling serves it: `python -m bench.peers.unbatched MODULE ARGUMENT...`.

Both put themselves under `SCHED_BATCH` as they start; here they do not.
"""

import runpy
import sys

from edge.system import scheduling


def main() -> None:
    """Run the module as the program that it is."""
    scheduling.work_in_batches = lambda: ""
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""`python -m loadtest.run.alone`: Locust, told what to do by its command line and by nothing else.

Locust also reads `~/.locust.conf`, `locust.conf`, `pyproject.toml` and variables that begin with `LOCUST_`. For a flood of a
worker of one's own none of these may say where it goes, or what is done besides.
"""

import os
import sys
from typing import Any

_PREFIX = "LOCUST_"


def main() -> None:
    """Run Locust. What it may not read is hidden before it is imported."""
    for name in [name for name in os.environ if name.upper().startswith(_PREFIX)]:
        del os.environ[name]
    from locust import argument_parser  # noqa: PLC0415  it looks at the environment when it is imported
    from locust.main import main as locust  # noqa: PLC0415

    parser: Any = argument_parser.LocustArgumentParser
    parser._open_config_files = lambda _parser, _arguments: []  # noqa: SLF001  its only door to files
    sys.argv[0] = "loadtest"  # what Locust calls itself where it refuses an option
    run: Any = locust
    sys.exit(run())


if __name__ == "__main__":
    main()

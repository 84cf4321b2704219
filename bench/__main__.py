"""Everything there is to measure, and the pages that show it: `python -m bench`, an hour on a quiet machine.

The machine has to be left alone meanwhile: two cores, one for the server and one for the generator.
"""

import sys
from collections.abc import Sequence

from bench import compare, cost, growth, share, steps
from bench.arguments import Parser
from bench.pages import report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command after the other; the first that fails ends it."""
    Parser(prog="python -m bench", description=__doc__.splitlines()[0]).parse_args(arguments)
    return share.main([]) or compare.main([]) or cost.main([]) or growth.main([]) or steps.main([]) or report.main([])


if __name__ == "__main__":
    sys.exit(main())

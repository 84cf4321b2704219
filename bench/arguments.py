"""The options of a benchmark's command, and one line for what is wrong with them."""

import argparse
from typing import NoReturn

from edge.errors import one_line


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong, and not all that would be right: `--help` does that."""

    def error(self, message: str) -> NoReturn:
        """End with exit 2 and one line."""
        self.exit(2, f"{self.prog}: {one_line(message)}\n")

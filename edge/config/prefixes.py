"""The first digits of telephone numbers, as the static file writes them."""

import re

from edge.config.table import require

_PREFIX = re.compile(r"\+\d{1,15}", re.ASCII)


def require_prefixes(prefixes: list[str], where: str) -> None:
    """Refuse what is empty, or holds something that are not the first digits of a number."""
    require(bool(prefixes), f'{where}: empty; write at least one prefix such as "+33"')
    for prefix in prefixes:
        require_prefix(prefix, where)


def require_prefix(prefix: str, where: str) -> None:
    """Refuse what are not the first digits of a number."""
    require(_PREFIX.fullmatch(prefix) is not None, f'{where}: found {prefix!r}; write "+" and digits, such as "+33"')

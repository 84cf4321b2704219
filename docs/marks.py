"""The places in pages that a command fills, between `<!-- KIND: NAME -->` and `<!-- /KIND -->`."""

import re
from collections.abc import Callable, Iterable


def filled(page: str, kind: str, table: Callable[[str, str], Iterable[str]]) -> str:
    """Return a page with the lines of each of its places anew, by its name and by what stood there."""

    def fill(found: re.Match[str]) -> str:
        return "\n".join((found[1], *table(found[2], found[3]), found[4]))

    return re.sub(rf"(<!-- {kind}: (\w+) -->)\n(.*?)\n?(<!-- /{kind} -->)", fill, page, flags=re.DOTALL)

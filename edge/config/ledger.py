"""`[ledger]`: where the money is counted."""

import re

from edge.config.table import Table, require, require_paths, require_variables

_LEDGER_NAME = re.compile(r"[\w+.-]{1,64}", re.ASCII)


class Ledger(Table, frozen=True):
    """The place where the money is counted. A relative path is relative to the static file."""

    url: str = "sqlite:antirelou.db"
    name: str | None = None
    """Only for a server, where several ledgers may lie side by side: that of the first number, unless told otherwise."""
    key_env: str | None = None
    """The variable with the key that hashes senders; only for a server, which must not know it. The same key on all machines."""
    password_env: str | None = None

    def __post_init__(self) -> None:
        require(
            self.name is None or _LEDGER_NAME.fullmatch(self.name),
            f'name: found {self.name!r}; write up to 64 letters, digits and the signs + . _ -, such as "+33937000000"',
        )
        require_paths(self.url, "url")
        require_variables(self.key_env or [], "key-env")
        require_variables(self.password_env or [], "password-env")

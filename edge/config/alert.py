"""`[alert]`: where to say what must be known at once."""

import re

import msgspec

from edge.config.address import is_bare_address
from edge.config.table import Names, Table, require, require_variables
from edge.units import Millis

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


LANGUAGES = ("en", "fr")


class Alert(Table, frozen=True):
    """Where to say what must be known at once. Nothing is sent unless it says where."""

    to_env: Names = msgspec.field(default_factory=list)
    """Variables with the addresses of the channels, white space between them: they hold secrets."""
    language: str = "en"
    """That of these pages, unless told otherwise."""
    digest: str = "08:00"
    """Before people leave the house; or `never`."""
    time_zone: str = "UTC"
    """That of the digest. The machine's own is UTC nearly everywhere."""
    quiet: Millis = Millis(0)
    """Zero is never: a number may well be quiet for days."""
    heartbeat_env: str | None = None
    public_url: str | None = None
    """Where a telephone reaches the buttons in an alert. Default: the host of `number.url`, which is reached from everywhere."""

    def __post_init__(self) -> None:
        require_variables(self.to_env, "to-env")
        require_variables(self.heartbeat_env or [], "heartbeat-env")
        require(
            self.digest == "never" or _TIME.fullmatch(self.digest),
            f'digest: found {self.digest!r}; write a time of the day, such as "08:00", or "never"',
        )
        require(
            self.language in LANGUAGES,
            f'language: found {self.language!r}; alerts are written in "en" or "fr"',
        )
        require(
            self.public_url is None or is_bare_address(self.public_url),
            'public-url: not a scheme and a host; write one such as "https://sms.example.org"',
        )

"""The webhook's address, as the operator entered it and as providers spell it when they sign.

1. It is never rebuilt from a request: behind a CDN or a proxy scheme, host and port are anybody's.
2. A fragment is not signed: Twilio's connection overrides (``#rc=2``) stand there.
"""

import re
from typing import NamedTuple

from edge.errors import ConfigError

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<credentials>[^@/?#]*@)?(?P<host>\[[^\]/?#]*\]|[^:@/?#\[\]]+)(?P<port>:\d+)?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?"
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Address(NamedTuple):
    """An address in its parts, each with its punctuation; what is missing is blank."""

    scheme: str
    credentials: str
    host: str
    port: str
    path: str
    query: str

    @property
    def entered(self) -> str:
        """The address as it was entered, without its query."""
        return f"{self.scheme}://{self.credentials}{self.host}{self.port}{self.path}"

    def spellings(self, *, strip_any_port: bool) -> list[str]:
        """Return the ways in which it may have been signed, without its query, the likeliest first.

        Where no port is given the default one may have been added; where one is given it may have been removed, any
        or only the default one. Credentials are dropped by Twilio, it says, but not by the tests of its SDKs.
        """
        default = _DEFAULT_PORTS[self.scheme]
        ports = [self.port]
        if not self.port:
            ports.append(default)
        elif strip_any_port or self.port == default:
            ports.append("")
        all_credentials = ["", self.credentials] if self.credentials else [""]
        return [
            self._replace(credentials=credentials, port=port).entered
            for credentials in all_credentials
            for port in ports
        ]


def parse_address(url: str) -> Address:
    """Return the parts of an address. Raises ConfigError if it has no host that can be told from its port."""
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise ConfigError(
            "number.url: not a whole address; write it as entered at the provider, such as "
            '"https://sms.example.org/sms"'
        )
    return Address(*found.groups(default=""))

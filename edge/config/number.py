"""`[number]`: a number that is given away, and who carries it."""

import re

import msgspec

from edge.config.address import is_address, require_api_url
from edge.config.price import OwnPrice
from edge.config.table import Names, Table, require, require_paths, require_variables

_PHONE = re.compile(r"\+\d{7,15}", re.ASCII)


class Number(Table, frozen=True):
    """A number that is given away, and who carries it."""

    phone: str
    provider: str
    url: str
    """Exactly as entered at the provider, scheme and query included: signatures cover it."""
    secret_env: Names = msgspec.field(default_factory=list)
    secret_file: Names = msgspec.field(default_factory=list)
    api_account_env: str | None = None
    """With the next two what it takes to ask the provider for something. All three or none: most numbers need none."""
    api_key_env: str | None = None
    """Of a key that may do no more than it has to; never the account's own password."""
    api_secret_env: str | None = None
    api_url: str | None = None
    """Default: the provider's own. Another one is for its other regions, and for a stand-in on this machine."""
    price: OwnPrice = OwnPrice()

    def __post_init__(self) -> None:
        require(_PHONE.fullmatch(self.phone) is not None, f'phone: found {self.phone!r}; write it as "+33937000000"')
        require(
            is_address(self.url),
            'url: not a whole address; write it as entered at the provider, such as "https://sms.example.org/sms"',
        )
        require_variables(self.secret_env, "secret-env")
        require_paths(self.secret_file, "secret-file")
        require(
            not (self.secret_env and self.secret_file),
            "secret-env and secret-file: both given; keep the one that holds the secret",
        )
        api = {
            "api-account-env": self.api_account_env,
            "api-key-env": self.api_key_env,
            "api-secret-env": self.api_secret_env,
        }
        for key, name in api.items():
            require_variables([] if name is None else name, key)
        missing = [key for key, name in api.items() if name is None]
        require(
            len(missing) in {0, len(api)},
            f"{' and '.join(missing)}: missing; write {', '.join(api)}, or none of the three",
        )
        if self.api_url is not None:
            require(not missing, f"api-url: nobody is called without {', '.join(api)}; write those too")
            require_api_url(self.api_url)

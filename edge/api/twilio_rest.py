"""What all calls to Twilio's API share: where it is, who asks, how an answer is read, and what is said of one that says no.

1. Names and passwords are a key and its secret (https://www.twilio.com/docs/usage/requests-to-twilio). Of an answer that
   says no, `code` is what Twilio's pages on errors are about.
2. The next page of a list is asked for at our own end: whatever address an answer gives, a secret goes nowhere else.
3. Addresses, names of what is asked and sent, and what may be null were held against Twilio's own OpenAPI description of
   2026-04-14 (https://github.com/twilio/twilio-oai), by hand.
"""

import base64
from typing import TypeVar
from urllib.parse import quote

import msgspec

from edge.api.call import Call, Returned
from edge.api.fate import Fate, Reached
from edge.api.webhook import Access
from edge.errors import UNREADABLE

API = "https://api.twilio.com"
Kind = TypeVar("Kind")
_UNAUTHORISED, _FORBIDDEN = 401, 403


class _Error(msgspec.Struct):
    code: int | None = None


class Failed(Exception):
    """A call that ended what it was part of."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(fate.said)
        self.fate = fate


class Rest:
    """Twilio's API, for one account."""

    def __init__(self, access: Access) -> None:
        self.base = (access.url or API).rstrip("/")
        self.account = f"{self.base}/2010-04-01/Accounts/{quote(access.account, safe='')}"
        credentials = base64.b64encode(f"{access.key}:{access.secret}".encode()).decode()
        self.headers = {"authorization": f"Basic {credentials}", "accept": "application/json"}

    def get(self, url: str) -> Call:
        """Return the call that reads an address."""
        return Call("GET", url, None, self.headers)


def next_page(url: str, said: str | None) -> str:
    """Return the address of the page after one, by what its answer says; blank where it was the last one."""
    query = (said or "").partition("#")[0].partition("?")[2]  # whatever else it says: a secret goes nowhere else
    return f"{url.partition('?')[0]}?{query}" if query else ""


def read(returned: Returned, kind: type[Kind]) -> Kind:
    """Return an answer, read. Raises Failed."""
    if returned.fate.reached is not Reached.DONE:
        raise Failed(explained(returned))
    try:
        return msgspec.json.decode(returned.body, type=kind)
    except UNREADABLE:
        raise Failed(Fate(Reached.UNKNOWN, f"{returned.fate.said} with what cannot be read")) from None


def explained(returned: Returned) -> Fate:
    """Return what became of a call that was not done, with Twilio's code for it, and what would be right."""
    fate = returned.fate
    try:
        code = msgspec.json.decode(returned.body, type=_Error).code
    except UNREADABLE:
        code = None
    said = fate.said if code is None else f"{fate.said} (error {code})"
    if returned.status in {_UNAUTHORISED, _FORBIDDEN}:
        said += "; the key in number.api-key-env is wrong, or may not do this"
    return Fate(fate.reached, said)

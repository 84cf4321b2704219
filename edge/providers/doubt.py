"""Why a request did not verify: what else its signature could have been made over, or with.

For the operator alone, every ten seconds at most: it takes a hundred times as long as a refusal. It says what to change, and never a
secret, a number or a path: a path may be the secret.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from hmac import compare_digest
from itertools import product

from edge.core.wire.provider import Headers
from edge.providers.address import Address

Made = Callable[[str, Address], Sequence[bytes]]
"""The signatures that a secret makes of a request that was sent to an address."""
Candidates = list[tuple[str, str]]
"""What may stand in one part of the address, and how to say so; what was entered comes first, and needs no saying."""

_SPELLINGS_MAX = 256
"""Some milliseconds of hashing, with the longest body."""
_HOSTS = (b"host", b"x-forwarded-host", b"x-original-host")
_PATHS = (b"x-original-uri", b"x-forwarded-uri", b"x-envoy-original-path", b"x-original-url")
_PREFIX = b"x-forwarded-prefix"
_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
_PATH = re.compile(r"(/[!-~]{0,512}?)(\?[!-~]*)?")


class Doubt:
    """One number's address and secrets, and a request that they do not verify."""

    def __init__(self, address: Address, secrets: Sequence[str], secret_form: tuple[str, str], note: str) -> None:
        self._address = address
        self._secrets = secrets
        self._secret_form = secret_form
        self._note = note

    def explain(self, query: bytes, headers: Headers, make: Made, signatures: Sequence[bytes], *, guess: bool) -> str:
        """Return what would have verified, or, if `guess`, what is likely; blank if nothing is."""
        if not any(signatures):
            return "it is not signed: a stranger's, or a proxy takes the signature's header away" if guess else ""
        for address, differences in self._spellings(query, headers):
            for nth, secret in enumerate(self._secrets, start=1):
                if any(compare_digest(*both) for both in product(make(secret, address), signatures)):
                    which = f", with secret {nth} of {len(self._secrets)}" if len(self._secrets) > 1 else ""
                    return f"it would verify if number.url had {' and '.join(differences)}{which}"
        return self._guess() if guess else ""

    def _guess(self) -> str:
        """Return what is likely where no spelling of the address helps."""
        pattern, what = self._secret_form
        if not any(re.fullmatch(pattern, secret) for secret in self._secrets):
            return f"no other spelling of number.url makes it verify, and the secret does not look like {what}"
        note = f" ({self._note})" if self._note else ""
        return f"no other spelling of number.url makes it verify: it was signed with another secret, or by a stranger{note}"

    def _spellings(self, query: bytes, headers: Headers) -> Iterator[tuple[Address, list[str]]]:
        """Yield addresses that the operator may have meant, those that differ least first."""
        parts = [
            self._schemes(),
            self._hosts(headers),
            self._ports(headers),
            self._paths(headers),
            self._queries(query),
        ]
        by_differences = sorted(product(*parts), key=lambda chosen: sum(bool(said) for _, said in chosen))
        for chosen in by_differences[:_SPELLINGS_MAX]:
            scheme, host, port, path, query_ = (value for value, _ in chosen)
            differences = [said for _, said in chosen if said]
            yield Address(scheme, "", host, port, path, query_), differences or ["no user name and no password"]

    def _schemes(self) -> Candidates:
        entered = self._address.scheme
        other = {"http": "https", "https": "http"}[entered]
        return [(entered, ""), (other, f"{other} instead of {entered}")]

    def _hosts(self, headers: Headers) -> Candidates:
        found = [match[1] for match in _matches(_HOST, headers, _HOSTS)]
        return _distinct(self._address.host, [(host, f"the host {host}") for host in found])

    def _ports(self, headers: Headers) -> Candidates:
        found = [match[2] or "" for match in _matches(_HOST, headers, _HOSTS)]
        ports = dict.fromkeys([*found, "", ":80", ":443"])
        return _distinct(self._address.port, [(port, f"the port {port}" if port else "no port") for port in ports])

    def _paths(self, headers: Headers) -> Candidates:
        entered = self._address.path
        slash = entered[:-1] if entered.endswith("/") else f"{entered}/"
        proxied = [match[1] for match in _matches(_PATH, headers, _PATHS)]
        proxied += [match[1].rstrip("/") + entered for match in _matches(_PATH, headers, [_PREFIX])]
        slash_said = "no slash at its end" if entered.endswith("/") else "a slash at its end"
        return _distinct(
            entered,
            [(slash, slash_said), *((path, "the path that was called") for path in proxied)],
        )

    def _queries(self, query: bytes) -> Candidates:
        received = f"?{query.decode('utf-8', 'surrogateescape')}" if query else ""
        return _distinct(
            self._address.query,
            [(received, "the query that the provider calls"), ("", "nothing after a question mark")],
        )


def _matches(pattern: re.Pattern[str], headers: Headers, names: Sequence[bytes]) -> Iterator[re.Match[str]]:
    for name in names:
        found = pattern.fullmatch(headers.get(name, b"").decode("latin-1"))
        if found is not None:
            yield found


def _distinct(entered: str, others: Candidates) -> Candidates:
    """Return the entered value, and then what differs from it, each once."""
    found = {entered: ""}
    for value, said in others:
        found.setdefault(value, said)
    return list(found.items())

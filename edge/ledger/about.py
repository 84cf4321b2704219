"""Whose money is counted in a ledger: its currency, the key that hashes its numbers, and our own numbers that it is for.

A file that says something else belongs to another ledger: its senders would be strangers here, its money another's. A ledger of
the first format did not say it; then it is taken for what the first file says.
"""

import hashlib

import msgspec


class About(msgspec.Struct, frozen=True):
    """What a ledger, or a static file, says of the money; what it does not say is empty."""

    currency: str = ""
    fingerprint: str = ""
    numbers: tuple[str, ...] = ()

    def refusal(self, file: "About") -> str | None:
        """Return why a ledger that says this is not the one of a file, or None if it may be."""
        if self.currency and self.currency != file.currency:
            return f"its money is in {self.currency}, and price.currency is {file.currency}; name another ledger in ledger.url"
        if self.fingerprint and self.fingerprint != file.fingerprint:
            return (
                "it was begun with another key: nobody would be recognised, and everyone would be answered again. "
                "Give this machine the key that it was begun with"
            )
        gone = [number for number in self.numbers if number not in file.numbers]
        new = [number for number in file.numbers if number not in self.numbers]
        if gone and new:
            return (
                f"it is the ledger of {', '.join(gone)}, and number.phone is {', '.join(new)}; name another one in ledger.url, "
                "or, if the number was replaced, run `antirelou adopt-ledger`"
            )
        return None

    def joined(self, file: "About") -> "About":
        """Return what a ledger says from now on that serves a file which it does not refuse."""
        numbers = (*self.numbers, *(number for number in file.numbers if number not in self.numbers))
        return About(self.currency or file.currency, self.fingerprint or file.fingerprint, numbers)


def fingerprint(hash_key: bytes, ledger: str = "") -> str:
    """Return what tells a key from another one, and does not tell the key; and one ledger from another one with the same key."""
    return hashlib.blake2b(b"fingerprint" + ledger.encode(), key=hash_key, digest_size=16).hexdigest()

"""The tag by which a client says which page it has already."""

import hashlib


def etag_of(body: bytes) -> str:
    """Return the tag of a page."""
    return f'"{hashlib.sha256(body, usedforsecurity=False).hexdigest()[:16]}"'


def is_known(etag: str, if_none_match: str) -> bool:
    """Return whether one of the tags that a client holds is this one; a cache may have made it weak."""
    return any(known.strip().removeprefix("W/") in (etag, "*") for known in if_none_match.split(","))

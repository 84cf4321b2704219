"""The secrets of the numbers under test, read where its static file says that they are.

While a secret is changed several are named, and any of them is right: the first is taken. What nobody sees around it is none of it.
"""

import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from edge.config import Config, Names
from edge.errors import AntirelouError

Environ = Mapping[str, str]


class NoSecret(AntirelouError):
    """A secret is not where the static file says."""


def signing_secret(config: Config, folder: Path, environ: Environ = os.environ, index: int = 0) -> str:
    """Return what requests to the number with an index are signed with; empty where the provider signs nothing. Raises NoSecret.

    A secret's file is looked for from the folder of the static file.
    """
    number, where = config.numbers[index], config.where(index)
    return _first(number.secret_env, f"{where}.secret-env", environ) or _in_file(number.secret_file, where, folder)


def origin_secret(config: Config, environ: Environ = os.environ) -> str:
    """Return what the CDN adds to each request; empty if the worker asks for nothing. Raises NoSecret."""
    return _first(config.server.origin_secret_env, "server.origin-secret-env", environ)


def status_key(config: Config, environ: Environ = os.environ) -> str:
    """Return the key to the worker's status; empty if it asks for none. Raises NoSecret."""
    return _first(config.server.status_key_env or [], "server.status-key-env", environ)


def as_list(names: Names) -> list[str]:
    """Return the names that a key of the static file holds: one, or several."""
    return [names] if isinstance(names, str) else names


def _first(names: Names, where: str, environ: Environ) -> str:
    for name in as_list(names)[:1]:
        secret = _seen(environ.get(name, ""))
        if not secret:
            raise NoSecret(f"{where}: the variable {name} is not set; the flood signs as the worker's provider would")
        return secret
    return ""


def _in_file(names: Names, where: str, folder: Path) -> str:
    for name in as_list(names)[:1]:
        try:
            return _seen((folder / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise NoSecret(f"{where}.secret-file: {name} cannot be read: {reason}") from None
    return ""


def _seen(secret: str) -> str:
    """Return a secret from the first character that anybody sees to the last one."""
    seen = [place for place, c in enumerate(secret) if not c.isspace() and unicodedata.category(c) not in {"Cc", "Cf"}]
    return secret[seen[0] : seen[-1] + 1] if seen else ""

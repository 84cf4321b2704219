"""Secrets, read from where the static file says they are: variables of the environment, or files. Never printed.

White space, byte order marks and other characters that nobody sees are cut from both ends: editors, `.env` files and secret
managers leave them there. Quotes around a secret are refused: some of those tools take them away, others do not. So is what
nobody sees within one, such as the end of a line between an old secret and a new one: no provider and no CDN would ever send it.
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from edge.config import Config, Names
from edge.config.table import as_list
from edge.errors import ConfigError
from edge.system.access import read_file, why_not_read

_BYTES_MAX = 65_536
"""No secret is nearly as long."""
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "\u2018": "\u2019", "«": "»"}


def number_secrets(config: Config, base: Path, environ: Mapping[str, str], index: int = 0) -> list[str]:
    """Return the secrets of a number's provider, in the order of the file. Raises ConfigError for one that is not there."""
    number, where = config.numbers[index], config.where(index)
    return from_environment(number.secret_env, f"{where}.secret-env", environ) + [
        _read(base / name, f"{where}.secret-file") for name in as_list(number.secret_file)
    ]


def from_environment(names: Names, where: str, environ: Mapping[str, str]) -> list[str]:
    """Return the values of variables. Raises ConfigError for one that is not set, blank, in quotes, or of several lines."""
    return [_single(secret, f"{where}: the variable {name}") for name, secret in _values(names, where, environ)]


def lines_from_environment(names: Names, where: str, environ: Mapping[str, str]) -> list[str]:
    """Return the values of variables, which may be of several lines. Raises ConfigError as above."""
    return [secret for _, secret in _values(names, where, environ)]


def _values(names: Names, where: str, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, _value(name, where, environ)) for name in as_list(names)]


def _value(name: str, where: str, environ: Mapping[str, str]) -> str:
    secret = _cut(environ.get(name, ""))
    if not secret.isascii() and "\udc80" <= max(secret) <= "\udcff":  # how Python keeps bytes that are no text
        raise ConfigError(f"{where}: the variable {name} is not UTF-8; write it in letters and digits")
    if not secret:
        raise ConfigError(f"{where}: the variable {name} is not set; export {name}=… before starting")
    return _unquoted(secret, f"{where}: the variable {name}")


def _read(path: Path, where: str) -> str:
    try:
        secret = _cut(read_file(path, _BYTES_MAX).decode())
    except (OSError, UnicodeDecodeError) as error:
        reason = why_not_read(error) if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"{where}: {path} cannot be read: {reason}") from None
    if not secret:
        raise ConfigError(f"{where}: {path} is empty; write the secret into it")
    return _single(_unquoted(secret, f"{where}: {path}"), f"{where}: {path}")


def _cut(text: str) -> str:
    """Return a text without what nobody sees at its ends."""
    first, end = 0, len(text)
    while first < end and _is_unseen(text[first]):
        first += 1
    while end > first and _is_unseen(text[end - 1]):
        end -= 1
    return text[first:end]


def _is_unseen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf"}


def _unquoted(secret: str, where: str) -> str:
    if len(secret) > 1 and _QUOTES.get(secret[0]) == secret[-1]:
        raise ConfigError(f"{where} holds a secret in quotes, which would be part of it; take them away")
    return secret


def _single(secret: str, where: str) -> str:
    if any(_is_unseen(character) and character != " " for character in secret):
        raise ConfigError(
            f"{where} holds several lines, or what nobody sees, within the secret; write one secret alone, and while two "
            "are good, a list of two places"
        )
    return secret

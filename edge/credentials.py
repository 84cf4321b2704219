"""Secrets, read from where the static file says they are: variables of the environment, or files. Never printed."""

from collections.abc import Mapping
from pathlib import Path

from edge.config import Config, Names
from edge.errors import ConfigError


def number_secrets(config: Config, base: Path, environ: Mapping[str, str]) -> list[str]:
    """Return the provider's secrets, in the order of the file. Raises ConfigError for one that is not there."""
    number = config.number
    return from_environment(number.secret_env, "number.secret-env", environ) + [
        _read(base / name) for name in as_list(number.secret_file)
    ]


def from_environment(names: Names, where: str, environ: Mapping[str, str]) -> list[str]:
    """Return the values of variables. Raises ConfigError for one that is not set or empty."""
    for name in as_list(names):
        if not environ.get(name):
            raise ConfigError(f"{where}: the variable {name} is not set; export {name}=… before starting")
    return [environ[name] for name in as_list(names)]


def as_list(names: Names) -> list[str]:
    """Return one name or several as a list."""
    return [names] if isinstance(names, str) else names


def _read(path: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"number.secret-file: {path} cannot be read: {reason}") from None
    if not secret:
        raise ConfigError(f"number.secret-file: {path} is empty; write the secret into it")
    return secret

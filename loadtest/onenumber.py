"""A flood is written to one number, and judged by its pace: a file with several is refused before anything is played."""

from edge.config import Config
from edge.errors import ConfigError


def check_one_number(config: Config, file: str) -> None:
    """Refuse a static file with several numbers. Raises ConfigError with the one line to show."""
    if len(config.numbers) > 1:
        raise ConfigError(
            f"{file}: number: a flood is written to one number, and this file has {len(config.numbers)}; name a file with one "
            "[number], and as its budget a number's share of the pace"
        )

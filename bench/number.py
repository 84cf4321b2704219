"""The number under test: the same secret, address and reply for every contestant, so that all do the same job.

The address is what signatures cover, not where the server listens: behind a CDN the two differ, and every peer's
documentation says to verify against the public one.
"""

from pathlib import Path

SECRET_ENV = "TWILIO_AUTH_TOKEN"
SECRET = "0123456789abcdef0123456789abcdef"
LEDGER_KEY_ENV = "LEDGER_KEY"
LEDGER_KEY = "fedcba9876543210fedcba9876543210"
PHONE = "+33937000000"
URL = "https://sms.example.org/sms"
HOST = "sms.example.org"
PATH = "/sms"
REPLY = (
    "Bonjour. Si vous lisez ceci, une femme n'a pas voulu vous donner son numero. Non, c'est non. Merci de respecter."
)
PLENTY = "10000000"
"""A pace that no flood uses up: only the sender's limit refuses, as in the peers."""

_FILE = """
[number]
phone = "{phone}"
provider = "twilio"
url = "{url}"
secret-env = "{secret_env}"

[reply]
text = "{reply}"

[price]
currency = "EUR"
received = "0.000001"
reply = {{ "+33" = "0.000001" }}

[budget]
kitty = "100000000"
per-day = "{pace}"
burst = "{pace}"

[limit]
sender = {{ burst = 1, count = 1, period = "24h" }}
block = {{ digits = 4, burst = 1000000, count = 1000000, period = "1h" }}

[ledger]
url = "{ledger}"{key}

[server]
bind = "127.0.0.1:{port}"
workers = {workers}
"""


def pace_for(replies: int) -> str:
    """Return the pace that pays so many strangers, at once or in a day: a quarter of it is kept for who knocks."""
    return f"0.{replies + (replies - 1) // 3:06}"


def static_file(*, port: int = 8000, workers: int = 1, ledger: str = "sqlite:ledger.db", pace: str = PLENTY) -> str:
    """Return our static file: neither the kitty nor a block's limit is ever used up; `pace` is what replies may cost a day."""
    return _FILE.format(
        phone=PHONE,
        url=URL,
        secret_env=SECRET_ENV,
        reply=REPLY,
        port=port,
        workers=workers,
        ledger=ledger,
        key="" if ledger.startswith("sqlite:") else f'\nkey-env = "{LEDGER_KEY_ENV}"',
        pace=pace,
    )


def write_file(
    directory: Path, *, port: int, workers: int = 1, ledger: str = "sqlite:ledger.db", pace: str = PLENTY
) -> Path:
    """Write the static file into a folder of its own, where the ledger will lie too."""
    path = directory / "edge.toml"
    path.write_text(static_file(port=port, workers=workers, ledger=ledger, pace=pace), encoding="utf-8")
    return path

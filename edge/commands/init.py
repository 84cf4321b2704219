"""`antirelou init`: a static file and a file for its secret, from the few things that only their owner knows."""

import json
import os
import re
import secrets
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import click

from edge.configfile import parse
from edge.core.text.encoding import Encoding
from edge.core.text.segments import count
from edge.errors import AntirelouError
from edge.meaning.findings import SECRET_PATH_LENGTH_MIN, examine
from edge.providers import PROVIDERS, provider_type
from edge.system.clock import clock
from edge.units import format_money, parse_money

PEOPLE_MAX = 1_000_000
VARIABLES = {"twilio": "TWILIO_AUTH_TOKEN", "signalwire": "SIGNALWIRE_SIGNING_KEY", "plivo": "PLIVO_AUTH_TOKEN"}
"""The variable with the secret of each provider that signs."""
ONE_SEGMENT = (
    "Bonjour. Si vous lisez ceci, une femme n'a pas voulu vous donner son numero. Non, c'est non. Merci de respecter."
)


_ONE = {
    Encoding.GSM_7: "at most 160 characters, where ^ { } [ ] ~ | € and the backslash count twice",
    Encoding.UCS_2: "at most 70 characters, or 160 without rare ones (ê, emoji)",
}
_WHOLE = re.compile(r"[1-9]\d{0,6}", re.ASCII)


class Listed(NamedTuple):
    """What a provider was said to charge for a segment in a country, by whom and when."""

    currency: str
    received: str
    reply: str
    told: str


PRICES = {
    "+33": Listed(
        "EUR", "0.0075", "0.0763", "Twilio in France in 2017, as the first such number's makers told clubic.com"
    )
}
"""By prefix; no newer price of any provider could be read in a public page, so the operator is told to look."""


class Prompt(NamedTuple):
    """One thing to ask: the flag that answers it, and what it is for."""

    name: str
    asked: str
    explained: str


PROMPTS = [
    Prompt("phone", "The number", "The one that is given away, with its country: +33937000000."),
    Prompt("provider", "Its provider", f"Who carries it: {', '.join(PROVIDERS)}."),
    Prompt("url", "Public address", "Where the provider delivers messages, exactly as you enter it there."),
    Prompt("currency", "Currency of the bill", "Three letters, such as EUR."),
    Prompt("price", "Price of a reply", "For each segment, by prefix; nobody else is answered: +33=0.0763,+32=0.09."),
    Prompt("received", "Price of receiving", "For each segment that comes in, answered or not: 0.0075."),
    Prompt("text", "The reply", "One segment: 160 simple characters, or 70 where one of them is rare (ê, emoji)."),
    Prompt("kitty", "The kitty", "All the money there is for it; it is never spent beyond: 2000."),
    Prompt("people", "People a day", "How many are to be answered a day, when many write: 400."),
]
_BEFORE_IT_IS_KNOWN = {
    "phone": "+33937000000",
    "provider": "twilio",
    "url": "https://sms.example.org/sms",
    "currency": "EUR",
    "price": "+33=0.0763",
    "received": "0",
    "text": "No.",
    "kitty": "900000000",
    "people": "1",
}
"""What stands for an answer that is still to come, and is in no other's way."""
_FILE = """\
# Made by `antirelou init`; `antirelou check` says what follows from it.

[number]
phone = {phone}
provider = {provider}
url = {url}     # exactly as entered at the provider
{secret}
[reply]
text = {text}

[price]                                 # per segment; a prefix without a price is never answered
currency = {currency}
received = {received}
reply = {{ {prices} }}

[budget]
kitty = {kitty}                         # all there is; raise it to top up
per-day = {per_day}                     # {people} replies a day

{receiving}[limit]
sender = {{ period = "7d" }}            # nobody gets the reply again within a week: whoever floods for days takes less
"""

_RECEIVING = """\
[receiving]
detach = "say"                          # an alert when silence costs too much; "yes": the number is switched off meanwhile

"""


class Draft:
    """The answers so far, and what they come to."""

    def __init__(self, random_path: str) -> None:
        self.answers: dict[str, str] = {}
        self._random_path = random_path

    def default(self, name: str) -> str | None:
        """Return an answer that is likely, or None."""
        if name == "text":
            return ONE_SEGMENT
        listed = self.listed()
        if listed is None:
            return None
        likely = {"currency": listed[1].currency, "received": listed[1].received}
        return f"{listed[0]}={listed[1].reply}" if name == "price" else likely.get(name)

    def listed(self) -> tuple[str, Listed] | None:
        """Return the prices that are listed for the number's country, and its prefix."""
        phone = self.answers.get("phone", "")
        return next(((prefix, listed) for prefix, listed in PRICES.items() if phone.startswith(prefix)), None)

    def complaint(self, name: str, answer: str) -> str | None:
        """Return what is wrong with one more answer, beside those so far, or keep it and return None."""
        before = self.answers
        self.answers = {**before, name: answer.strip()}
        try:
            text, _ = self.text()
            errors = examine(parse(text, ""), clock()).errors
        except (AntirelouError, ValueError) as error:
            errors = [str(error).removeprefix(": ")]
        if not errors:
            return None
        self.answers = before
        return errors[0]

    def text(self) -> tuple[str, str]:
        """Return the text of the static file, and the variable of its secret. Raises ValueError."""
        given = {**_BEFORE_IT_IS_KNOWN, **self.answers}
        for name, answer in given.items():
            if not answer.isprintable() and name != "text":
                raise ValueError(f"{name}: holds what cannot be printed; leave it out")
            if any("\ud800" <= c <= "\udfff" for c in answer):
                raise ValueError(f"{name}: not UTF-8; write it in that encoding")
        variable = VARIABLES.get(given["provider"], "")
        prices = _prices(given["price"])
        _require_one_segment(given["text"])
        people = _people(given["people"])
        quoted = {name: _quoted(answer) for name, answer in given.items()}
        return _FILE.format(
            **{
                **quoted,
                "url": _quoted(self._url(given)),
                "secret": f"secret-env = {_quoted(variable)}\n" if variable else "",
                "prices": ", ".join(f"{_quoted(prefix)} = {_quoted(price)}" for prefix, price in prices.items()),
                "per_day": _quoted(format_money(people * max(map(parse_money, prices.values())))),
                "people": f"{people:,}",
                "receiving": _RECEIVING if _saves(given) else "",
            }
        ), variable

    def _url(self, given: dict[str, str]) -> str:
        """Return the public address, with a secret path where nothing else keeps strangers out."""
        url = given["url"]
        if not provider_type(given["provider"]).needs_secret_path or "?" in url or "#" in url:
            return url
        last = urlsplit(url).path.rpartition("/")[2]
        return url if len(last) >= SECRET_PATH_LENGTH_MIN else f"{url.rstrip('/')}/{self._random_path}"


def _option(prompt: Prompt) -> Callable[[click.Command], click.Command]:
    return click.option(f"--{prompt.name}", metavar="TEXT", help=prompt.explained)


def _with_options(command: click.Command) -> click.Command:
    for prompt in reversed(PROMPTS):
        command = _option(prompt)(command)
    return command


@_with_options
@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def init(file: Path, **flags: str | None) -> int:
    """Write FILE, and a file for its secret beside it, from what only you know: asked at a terminal, or given as options. Nothing is overwritten."""
    secret_file = file.with_suffix(".env") if file.name else file
    for path in (file, secret_file):
        if path.exists() or path.is_symlink():
            raise click.UsageError(f"{path}: is there already, and nothing is overwritten; name another file")
    if file == secret_file:
        raise click.UsageError(
            f"{file}: a name that ends in .env is for the secret; name another file, such as edge.toml"
        )
    draft = Draft(secrets.token_hex(SECRET_PATH_LENGTH_MIN))
    _fill(draft, flags, asks=sys.stdin is not None and sys.stdin.isatty())
    text, variable = draft.text()
    secret = os.environ.get(variable, "")
    _write(file, text, 0o644)
    if variable:
        _write(secret_file, f"{variable}={shlex.quote(secret) if secret else ''}\n", 0o600)
    _print(draft, file)
    _print_next(shlex.quote(str(file)), secret_file, variable, has_secret=bool(secret))
    return 0


def _fill(draft: Draft, flags: dict[str, str | None], *, asks: bool) -> None:
    """Take the flags, and ask for the rest, or take what is likely. Raises UsageError."""
    missing = []
    for prompt in PROMPTS:
        given, default = flags[prompt.name], draft.default(prompt.name)
        if given is None and asks:
            _ask(draft, prompt, default)
            continue
        answer = default if given is None else given
        if answer is None:
            missing.append(f"--{prompt.name}")
            continue
        complaint = draft.complaint(prompt.name, answer)
        if complaint:
            raise click.UsageError(f"--{prompt.name}: {complaint}")
    if missing:
        raise click.UsageError(
            f"no terminal to ask at: write {', '.join(missing)} as well; antirelou init --help says what each is"
        )


def _ask(draft: Draft, prompt: Prompt, default: str | None) -> None:
    """Ask until the answer holds."""
    click.echo(prompt.explained)
    listed = draft.listed()
    if listed and prompt.name in ("price", "received"):
        click.echo(f"Known is only {listed[1].told}: look what yours charges today.")
    while complaint := draft.complaint(prompt.name, click.prompt(prompt.asked, default=default)):
        click.echo(f"{complaint}")


def _saves(given: dict[str, str]) -> bool:
    """Return whether a number that is detached costs less."""
    return given["received"].strip("0.") != "" and not provider_type(given["provider"]).no_detach


def _prices(answer: str) -> dict[str, str]:
    prices = {}
    for part in answer.split(","):
        prefix, equals, price = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise ValueError(
                f'price: found {part.strip()!r}; write a prefix and what a segment costs, such as "+33=0.0763"'
            )
        parse_money(price)
        prices[prefix] = price
    return prices


def _people(answer: str) -> int:
    if _WHOLE.fullmatch(answer) is None or int(answer) > PEOPLE_MAX:
        raise ValueError(f"people: found {answer!r}; write a whole number from 1 to {PEOPLE_MAX}, such as 400")
    return int(answer)


def _require_one_segment(text: str) -> None:
    counted = count(text)
    if counted.segments > 1:
        raise ValueError(
            f"text: {counted.segments} segments ({counted.units} units of {counted.encoding}), each at the price of a reply; "
            f"write one, of {_ONE[counted.encoding]}"
        )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _print(draft: Draft, file: Path) -> None:
    """Say what was written, and what has to be looked at."""
    click.echo(f"written: {file}")
    listed = draft.listed()
    if listed and draft.answers["price"] == draft.default("price"):
        click.echo(f"prices: those of {listed[1].told}; look what yours charges today, and mend [price]")
    click.echo(f"at the provider, enter the address {parse(draft.text()[0]).number.url}")


def _print_next(file: str, secret_file: Path, variable: str, *, has_secret: bool) -> None:
    """Say the next three commands."""
    if variable:
        click.echo(f"written: {secret_file}, which only you can read")
    if variable and not has_secret:
        click.echo(f"write the provider's secret into it, behind {variable}=")
    click.echo("then:")
    if variable:
        source = str(secret_file) if secret_file.is_absolute() else f"./{secret_file}"
        click.echo(f"  set -a; . {shlex.quote(source)}; set +a")
    click.echo(f"  antirelou check {file}\n  antirelou serve {file}")
    if not variable:
        click.echo(f"  antirelou status {file}")

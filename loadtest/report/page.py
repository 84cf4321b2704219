"""The report that people look at: one HTML file that opens offline, light and dark, on a desk and on a phone.

1. Everything is inside: style, charts, tables. Nothing is fetched, no script runs.
2. What comes from files (texts, names, thresholds) is escaped.
3. `section` gives the same content as a fragment, its style scoped to it, for other people's pages.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from loadtest.flood.thresholds import NAMES
from loadtest.judge.judgement import Judgement
from loadtest.judge.promise import Promise
from loadtest.judge.verdict import Verdict, number
from loadtest.provider.money import show_money
from loadtest.report.bills import bills, show_span
from loadtest.report.charts import Panel, panels_of
from loadtest.report.printout import headline, margin

_STYLE = files("loadtest.report").joinpath("page.css").read_text(encoding="utf-8")
_STATES = {True: ("ok", "kept"), False: ("no", "broken"), None: ("open", "undecided")}
_PLAYING = "playing"
_STANDS = "The flood is playing, and this is how it stands. The worker's books are compared when it has ended."
_CENT_PLACES = 2
_REASONS = {
    "answered": "the reply was paid and sent",
    "duplicate": "delivered again, and answered again for nothing",
    "paused": "the number is switched off",
    "not_a_person": "no number that a person can have",
    "opted_out": "asked to be left alone",
    "unserved": "no price for that prefix",
    "sender_limit": "had its reply already",
    "block_limit": "too many numbers alike",
    "pace_limit": "the pace had nothing left just then",
    "kitty_spent": "the kitty is empty",
    "ledger_down": "nobody could write it down, so nothing was paid",
    "bad_signature": "not signed by the provider",
    "malformed": "not a message",
    "too_large": "longer than any message",
    "too_slow": "its body never came",
    "wrong_method": "not how the provider asks",
    "wrong_type": "not a form",
    "not_found": "another address",
    "not_our_edge": "not by way of the CDN",
    "reply": "with money in it",
    "silence": "with nothing in it",
    "refused": "an error that says: not from the provider",
    "error": "an error that a provider would take for a reason to ask again",
    "unknown": "no answer came",
}


def page(judgement: Judgement, *, playing: bool = False) -> str:
    """Return the report as a whole HTML document; that of a flood that is `playing` says that more will come."""
    state = _PLAYING if playing else _state(judgement)
    return document(f"{judgement.run.scenario.name}: {state}", "".join(_parts(judgement, state)))


def section(judgement: Judgement) -> str:
    """Return the report as a fragment with a style of its own."""
    return _section("".join(_parts(judgement, _state(judgement))))


def document(title: str, content: str) -> str:
    """Return HTML in the report's clothes."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title>"
        "<style>body{margin:0}.flood-report{box-sizing:border-box;min-height:100vh}</style></head><body>\n"
        f"{_section(content)}</body></html>\n"
    )


def _section(content: str) -> str:
    return f'<section class="flood-report"><style>{_STYLE}</style><div class="page">{content}</div></section>\n'


def _state(judgement: Judgement) -> str:
    return judgement.verdict.state.name.lower()


def _parts(judgement: Judgement, state: str) -> Iterator[str]:
    yield _head(judgement, state)
    yield _lines(judgement.verdict.broken, "lines")
    yield _lines([_STANDS] if state == _PLAYING else judgement.verdict.undecided, "lines open")
    yield _tiles(judgement)
    yield f'<div class="grid">{"".join(map(_panel, panels_of(judgement)))}{_reasons(judgement)}</div>'
    yield _card("The same flood, with and without a gate", _bills(judgement), "wide")
    thresholds, promises = _thresholds(judgement.verdict), _promises(judgement.verdict.promises)
    yield f'<div class="grid">{_card("Limits", thresholds)}{_card("Promises", promises)}</div>'
    yield _foot(judgement)


def _head(judgement: Judgement, state: str) -> str:
    scenario = judgement.run.scenario
    pace = f"; 1 s is {show_span(int(scenario.speed * 1_000_000))} of the world" if scenario.speed >= 60 else ""  # noqa: PLR2004  minutes
    return (
        f'<header><h1>{escape(scenario.name)}</h1><span class="badge {state}">{state}</span></header>'
        f'<p>{escape(scenario.description)}</p><p class="soft">{escape(headline(judgement) + pace)}</p>'
    )


def _lines(lines: Iterable[str], style: str) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="{style}">{items}</ul>' if items else ""


def _tiles(judgement: Judgement) -> str:
    fair, currency = judgement.fairness, judgement.run.config.price.currency
    bounds = judgement.evidence.bounds
    replies = len(judgement.evidence.account.paid)
    tiles = [
        ("requests", f"{judgement.evidence.tally.count():,}", f"{fair.messages:,} messages of the provider"),
        ("replies", f"{replies:,}", f"{bounds.least:,} to {bounds.most:,} were possible"),
        (
            f"paid for replies, {currency}",
            _cents(fair.replies_micros),
            f"{_cents(fair.trolls_micros)} to others than genuine",
        ),
        ("genuine senders answered", f"{fair.answered:,} of {fair.genuine:,}", f"{fair.possible:,} the pace allows"),
        (
            f"the whole bill, {currency}",
            _cents(fair.with_gate_micros),
            f"{_cents(fair.without_gate_2017_micros)} in 2017",
        ),
    ]
    cells = (
        f'<div class="tile"><span class="soft">{escape(name)}</span><b>{escape(value)}</b><small>{escape(note)}</small></div>'
        for name, value, note in tiles
    )
    return f'<div class="tiles">{"".join(cells)}</div>'


def _panel(panel: Panel) -> str:
    legend = "".join(f'<li><i class="{style}"></i>{escape(meaning)}</li>' for style, meaning in panel.legend)
    return f'<figure class="card"><h2>{escape(panel.title)}</h2><ul class="legend">{legend}</ul>{panel.svg}</figure>'


def _reasons(judgement: Judgement) -> str:
    """Return why messages were answered or not, as the worker's books say; without them, as it looked from outside."""
    booked, tally = judgement.evidence.booked, judgement.evidence.tally
    if booked is not None:
        title, counts = "Answers by reason", booked.by_reason
    else:
        title, counts = "Answers as seen", {outcome.value: tally.count(outcome=outcome) for _, outcome in tally.counts}
    most = max(counts.values(), default=1)
    rows = "".join(
        f"<span>{escape(reason)}<small>{escape(_REASONS.get(reason, ''))}</small></span>"
        f'<i class="{"answered" if reason in ("answered", "reply") else "other"}" style="width:{100 * count / most:.1f}%"></i>'
        f'<span class="number">{count:,}</span>'
        for reason, count in sorted(counts.items(), key=lambda item: -item[1])
    )
    return f'<section class="card"><h2>{title}</h2><div class="bars">{rows}</div></section>'


def _card(title: str, content: str, style: str = "") -> str:
    return f'<section class="card {style}"><h2>{escape(title)}</h2><div class="scroll">{content}</div></section>'


def _table(heads: Iterable[tuple[str, str]], rows: Iterable[Iterable[tuple[str, str]]]) -> str:
    """Return a table; every cell is a style and its HTML."""
    head = "".join(f'<th class="{style}">{text}</th>' for style, text in heads)
    body = "".join(
        "<tr>" + "".join(f'<td class="{style}">{html}</td>' for style, html in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _thresholds(verdict: Verdict) -> str:
    rows = [
        [
            _STATES[verdict.holds(finding)],
            (
                "name",
                f"<code>{_breakable(finding.threshold.text)}</code><br><small>{escape(NAMES[finding.threshold.name])}</small>",
            ),
            ("number", escape(number(finding.value))),
            ("number soft", escape(margin(finding))),
        ]
        for finding in verdict.findings
    ]
    return _table([("", ""), ("name", "limit"), ("number", "came to"), ("number", "margin")], rows)


def _breakable(name: str) -> str:
    """Return a threshold as HTML that may be broken between its words."""
    return re.sub(r"([._])", r"\1<wbr>", escape(name))


def _promises(promises: Iterable[Promise]) -> str:
    rows = []
    for promise in promises:
        details = "".join(f"<br><small>{escape(line)}</small>" for line in (*promise.broken, *promise.undecided))
        rows.append([_STATES[promise.kept], ("name", escape(promise.name) + details)])
    return _table([("", ""), ("name", "promise")], rows)


def _bills(judgement: Judgement) -> str:
    config = judgement.run.config
    rows = [
        [
            ("name", escape(bill.name)),
            ("number spare", f"{bill.messages:,}"),
            ("number", f"{bill.replies:,}"),
            ("number", _cents(bill.micros)),
            ("number", show_span(bill.lasts_us)),
        ]
        for bill in bills(judgement)
    ]
    kitty = f"{show_money(config.budget.kitty)} last"
    heads = [("number spare", "messages"), ("number", "replies"), ("number", f"bill, {config.price.currency}")]
    return _table([("name", ""), *heads, ("number", escape(kitty))], rows)


def _cents(micros: int) -> str:
    """Return an amount to the cent, for people; sums are exact elsewhere."""
    return f"{micros / 1_000_000:,.{_CENT_PLACES}f}"


def _foot(judgement: Judgement) -> str:
    run = judgement.run
    budget = run.config.budget
    pace = "" if budget.per_day is None else f", {show_money(budget.per_day)} a day in the time of play"
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    facts = [
        f"scenario {run.scenario.name}, seed {run.seed}, rate {run.rate:g}, speed {run.scenario.speed:g}",
        f"worker: a kitty of {run.config.price.currency} {show_money(budget.kitty)}{pace}",
        versions,
    ]
    return f"<footer>{escape('. '.join(fact for fact in facts if fact))}.</footer>"

"""The verdict as Markdown, for the summary of a job in CI: tables that GitHub renders, with nothing in them but what was meant.

Whatever comes from elsewhere (a scenario's name, a worker's text) is written with every sign of it as a character reference: that
ends no cell, begins no markup and makes no link.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from loadtest.judge.fairness import Fairness
from loadtest.judge.judgement import Judgement
from loadtest.judge.trial import Trial
from loadtest.judge.verdict import Verdict, came_to
from loadtest.provider.money import show_money
from loadtest.report.bills import bills, show_span
from loadtest.report.printout import headline, margin, when_and_where
from loadtest.report.several import means_of, shown_figures, trial_headline

_WORDS = {True: "kept", False: "**broken**", None: "undecided"}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,.%'=/()?+-")
_LINKS = re.compile(r"://|www\.|@.", re.IGNORECASE | re.DOTALL)
_ASCII_LAST = 127
_TEXT_MAX = 300
"""A line of a summary says what happened; the other reports have the rest."""


def summary(judgement: Judgement) -> str:
    """Return the verdict on one flood."""
    fair, currency = judgement.fairness, judgement.run.config.price.currency
    where = f"{when_and_where(judgement)}: " if judgement.run.began else ""
    people = (
        f"{fair.answered:,} of {fair.genuine:,} genuine senders were answered; replies to them cost {show_money(fair.genuine_micros)} "
        f"{currency}, those to everybody else {show_money(fair.trolls_micros)}."
    )
    rows = [
        [bill.name, f"{bill.messages:,}", f"{bill.replies:,}", show_money(bill.micros), show_span(bill.lasts_us)]
        for bill in bills(judgement)
    ]
    lasts = f"{show_money(judgement.run.config.budget.kitty)} last"
    money = table(["", "messages", "replies", f"bill, {currency}", lasts], rows, numbers=4)
    return _page(
        judgement.run.scenario.name,
        where + headline(judgement),
        judgement.verdict,
        [f"Money: {escaped(people)}", "", *money, *_numbers(fair, currency)],
    )


def _numbers(fair: Fairness, currency: str) -> Iterator[str]:
    """Yield what came of each number, where there are several."""
    if fair.numbers:
        rows = [
            [
                part.where,
                f"{part.genuine:,}",
                f"{part.answered:,}",
                f"{part.replies:,}",
                show_money(part.replies_micros),
                f"{part.held_back:,}",
            ]
            for part in fair.numbers
        ]
        yield ""
        columns = ["", "genuine senders", "answered", "replies", f"replies, {currency}", "messages held back"]
        yield from table(columns, rows, numbers=5)


def trial_summary(trial: Trial) -> str:
    """Return the verdict on several seeds."""
    means = f"Figures, {means_of(trial)}; money in {trial.head.currency}."
    figures = table(["figure", "came to"], [[name, figure] for name, figure in shown_figures(trial)], numbers=1)
    seeds = table(
        ["seed", "verdict", "requests"],
        [[str(f.seed), f.verdict.state.name.lower(), f"{f.requests:,}"] for f in trial.floods],
        numbers=1,
    )
    return _page(trial.head.scenario, trial_headline(trial), trial.verdict, [means, "", *figures, "", *seeds])


def _page(name: str, played: str, verdict: Verdict, more: Iterable[str]) -> str:
    return "\n".join(_lines(name, played, verdict, more)) + "\n\n"


def _lines(name: str, played: str, verdict: Verdict, more: Iterable[str]) -> Iterator[str]:
    yield f"### {escaped(name)}: {verdict.state.name.lower()}"
    yield ""
    yield f"Played: {escaped(played)}"  # no line begins with what comes from elsewhere
    yield ""
    for what, lines in (("broken", verdict.broken), ("undecided", verdict.undecided)):
        yield from (f"- {what}: {escaped(line)}" for line in lines)
        yield from [""] if lines else []
    limits = [[f.threshold.text, came_to(f), margin(f)] for f in verdict.findings]
    marks = [_WORDS[verdict.holds(finding)] for finding in verdict.findings]
    yield from table(["limit", "came to", "margin"], limits, numbers=2, marks=marks)
    yield ""
    promises = [[promise.name] for promise in verdict.promises]
    yield from table(["promise"], promises, marks=[_WORDS[promise.kept] for promise in verdict.promises])
    yield ""
    yield from more


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0, marks: Sequence[str] = ()
) -> Iterator[str]:
    """Yield a table, of texts from wherever; its last columns may be numbers, and `marks`, if given, are markup before each row."""
    sides = [" ---: " if place >= len(heads) - numbers else " --- " for place in range(len(heads))]
    first = ["| | ", "| --- |"] if marks else ["| ", "|"]
    yield first[0] + " | ".join(map(escaped, heads)) + " |"
    yield first[1] + "|".join(sides) + "|"
    for place, row in enumerate(rows):
        mark = f"| {marks[place]} | " if marks else "| "
        yield mark + " | ".join(map(escaped, row)) + " |"


def escaped(text: str) -> str:
    """Return a text that Markdown takes for nothing but text: on one line, its signs as character references."""
    cut = text if len(text) <= _TEXT_MAX else text[:_TEXT_MAX] + "…"
    return _LINKS.sub(_apart, " ".join(cut.split())).translate(_References())


def _apart(found: re.Match[str]) -> str:
    """Return the beginning of a link with a mark in it that nobody sees: GitHub makes links of what it has read as text, too."""
    return found[0][:-1] + "\u2060" + found[0][-1]


class _References(dict[int, str]):
    """What each character is written as."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _PLAIN or character == "\u2060" or (code > _ASCII_LAST and character.isprintable()):
            return character
        return f"&#{code};" if character.isprintable() else "\ufffd"

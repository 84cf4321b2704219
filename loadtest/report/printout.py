"""The verdict for people at a terminal, for programs (JSON) and for CI (JUnit XML)."""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

from loadtest.flood.thresholds import Finding
from loadtest.judge.fairness import Fairness
from loadtest.judge.judgement import Judgement
from loadtest.judge.seen import SECOND_US
from loadtest.judge.verdict import Verdict, came_to, shown
from loadtest.provider.money import show_money
from loadtest.report.bills import bills, show_span

MARKS = {True: "ok", False: "BROKEN", None: "?"}
_PERCENT = 100


def as_table(judgement: Judgement) -> str:
    """Return the verdict as lines of text, the answer last."""
    return "\n".join(_table(judgement)) + "\n"


def _table(judgement: Judgement) -> Iterator[str]:
    verdict = judgement.verdict
    yield headline(judgement)
    yield ""
    yield from findings_lines(verdict)
    yield ""
    yield from _money(judgement)
    yield ""
    yield from answer_lines(verdict)


def findings_lines(verdict: Verdict) -> Iterator[str]:
    """Yield what came of each promise and of each limit."""
    yield "Promises"
    for promise in verdict.promises:
        yield f"  {MARKS[promise.kept]:<7} {promise.name}"
        yield from (f"            {line}" for line in (*promise.broken, *promise.undecided))
    yield ""
    yield "Limits"
    width = max(len(finding.threshold.text) for finding in verdict.findings)
    for finding in verdict.findings:
        mark = MARKS[verdict.holds(finding)]
        yield f"  {mark:<7} {finding.threshold.text:<{width}}  {came_to(finding):>10}  {margin(finding)}".rstrip()


def answer_lines(verdict: Verdict) -> Iterator[str]:
    """Yield what is broken, what is undecided, and the answer."""
    yield from (f"broken: {line}" for line in verdict.broken)
    yield from (f"undecided: {line}" for line in verdict.undecided)
    yield f"verdict: {verdict.state.name.lower()} (exit {verdict.state.value})"


def headline(judgement: Judgement) -> str:
    """Return what was played, on one line."""
    run, tally = judgement.run, judgement.evidence.tally
    return (
        f"{run.scenario.name}, seed {run.seed}, rate {run.rate:g}: {tally.count():,} requests in "
        f"{seconds(judgement):.0f} s by {run.processes} process{'es' if run.processes > 1 else ''}"
    )


def when_and_where(judgement: Judgement) -> str:
    """Return when it was played and by which machine, as people write it."""
    run = judgement.run
    return f"{run.began[:10]} {run.began[11:16]} UTC, {run.host}"


def seconds(judgement: Judgement) -> float:
    """Return how long it was played."""
    return max(judgement.evidence.tally.played_us.values(), default=0) / SECOND_US


def _money(judgement: Judgement) -> Iterator[str]:
    fair, config = judgement.fairness, judgement.run.config
    yield f"Money ({config.price.currency})"
    yield f"  genuine senders: {fair.answered:,} of {fair.genuine:,} answered; the pace alone allows {fair.possible:,}"
    yield f"  replies to them: {show_money(fair.genuine_micros)}; to everybody else: {show_money(fair.trolls_micros)}"
    for part in fair.numbers:
        yield (
            f"  {part.where}: {part.answered:,} of {part.genuine:,} genuine senders answered; "
            f"{part.replies:,} replies for {show_money(part.replies_micros)}"
            f"{f'; {part.held_back:,} messages held back' if part.held_back else ''}"
        )
    if held_back := len(judgement.evidence.tally.held_back):
        yield f"  held back by the provider while a number was detached: {held_back:,} messages"
    lasts = f"{show_money(config.budget.kitty)} last"
    yield f"  {'':<40} {'messages':>10} {'replies':>10} {'bill':>14} {lasts:>14}"
    for bill in bills(judgement):
        row = f"{bill.messages:>10,} {bill.replies:>10,} {show_money(bill.micros):>14} {show_span(bill.lasts_us):>14}"
        yield f"  {bill.name:<40} {row}"


def margin(finding: Finding) -> str:
    """Return how far inside its bound a figure is, or outside."""
    share = finding.margin
    if share is None:
        return ""
    return f"{float(abs(share)) * _PERCENT:.0f} % {'inside' if share >= 0 else 'outside'}"


def as_dict(judgement: Judgement) -> dict[str, Any]:
    """Return the verdict as plain values; money as decimal strings, other figures as numbers."""
    run, verdict, bounds = judgement.run, judgement.verdict, judgement.evidence.bounds
    return {
        **answer_dict(verdict),
        "scenario": run.scenario.name,
        "seed": run.seed,
        "rate": run.rate,
        "speed": run.scenario.speed,
        "processes": run.processes,
        "began": run.began,
        "seconds": round(seconds(judgement), 3),
        "host": run.host,
        "versions": run.versions,
        "figures": {name: plain(value) for name, value in verdict.figures.items()},
        "replies": {"least": bounds.least, "seen": len(judgement.evidence.account.paid), "most": bounds.most},
        "bills": [
            {
                "name": bill.name,
                "messages": bill.messages,
                "replies": bill.replies,
                "bill": show_money(bill.micros),
                "kitty_lasts": show_span(bill.lasts_us),
            }
            for bill in bills(judgement)
        ],
        "money": _money_of(judgement.fairness) | {"currency": run.config.price.currency},
        **({"numbers": numbers} if (numbers := _numbers_of(judgement.fairness)) else {}),
    }


def answer_dict(verdict: Verdict) -> dict[str, Any]:
    """Return the answer, and what came of each promise and of each limit, as plain values."""
    return {
        "verdict": verdict.state.name.lower(),
        "exit": verdict.state.value,
        "broken": verdict.broken,
        "undecided": verdict.undecided,
        "promises": [
            {"name": promise.name, "kept": promise.kept, "broken": promise.broken, "undecided": promise.undecided}
            for promise in verdict.promises
        ],
        "limits": [
            {
                "limit": finding.threshold.text,
                "value": plain(finding.value),
                **({} if finding.plus_minus is None else {"plus_minus": plain(finding.plus_minus)}),
                "holds": verdict.holds(finding),
                "margin": plain(finding.margin),
            }
            for finding in verdict.findings
        ],
    }


def as_json(judgement: Judgement) -> str:
    """Return the verdict as JSON."""
    return json.dumps(as_dict(judgement), indent=2, ensure_ascii=False) + "\n"


def plain(value: Fraction | None) -> float | int | None:
    """Return an exact figure as a plain number."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else round(float(value), 6)


def _money_of(fair: Fairness) -> dict[str, str]:
    return {
        "genuine": show_money(fair.genuine_micros),
        "trolls": show_money(fair.trolls_micros),
        "received": show_money(fair.received_micros),
        "with_gate": show_money(fair.with_gate_micros),
        "without_gate": show_money(fair.without_gate_micros),
        "without_gate_2017": show_money(fair.without_gate_2017_micros),
    }


def _numbers_of(fair: Fairness) -> list[dict[str, Any]]:
    return [
        {
            "number": part.where,
            "genuine": part.genuine,
            "answered": part.answered,
            "replies": part.replies,
            "spent": show_money(part.replies_micros),
            "held_back": part.held_back,
        }
        for part in fair.numbers
    ]


def as_junit(judgement: Judgement) -> str:
    """Return the verdict as JUnit XML: a test case for the run, every promise and threshold. What is undecided is an error."""
    run = judgement.run
    return junit_of(judgement.verdict, run.scenario.name, seconds(judgement), run.began, run.host)


def junit_of(verdict: Verdict, scenario: str, took_s: float, began: str, host: str) -> str:
    """Return a verdict as JUnit XML."""
    name, took = _xml(f"flood.{scenario}"), f"{took_s:.3f}"
    cases = [_case(f"{name}.run", "the flood is played to its end", (), tuple(verdict.of_the_run))]
    cases[0].set("time", took)
    cases += [_case(f"{name}.promises", p.name, p.broken, p.undecided) for p in verdict.promises]
    cases += [_threshold_case(f"{name}.limits", verdict, finding) for finding in verdict.findings]
    suite = ET.Element("testsuite", name=name, tests=str(len(cases)), time=took)
    suite.set("timestamp", began.removesuffix("Z"))
    suite.set("hostname", host)
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
    suite.extend(cases)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _threshold_case(classname: str, verdict: Verdict, finding: Finding) -> ET.Element:
    holds = verdict.holds(finding)
    broken = (shown(finding),) if holds is False else ()
    undecided = (verdict.why_undecided(finding),) if holds is None else ()
    return _case(classname, finding.threshold.text, broken, undecided)


def _case(classname: str, name: str, broken: tuple[str, ...], undecided: tuple[str, ...]) -> ET.Element:
    case = ET.Element("testcase", classname=classname, name=name, time="0.000")
    for tag, lines in (("failure", broken), ("error", undecided)):
        if lines:
            ET.SubElement(case, tag, message=_xml(lines[0])).text = _xml("\n".join(lines))
    return case


def _xml(text: str) -> str:
    """Return a text without the control characters that XML cannot carry."""
    return "".join(character if character.isprintable() or character == "\n" else "\ufffd" for character in text)

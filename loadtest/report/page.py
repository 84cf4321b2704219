"""The report that people look at: one HTML file that opens offline, light and dark, on a desk and on a phone.

1. Everything is inside: style, charts, tables. Nothing is fetched, no script runs.
2. The templates escape whatever they are given (texts, names, thresholds), but for what says that it is markup.
3. `section` gives the same content as a fragment, its style scoped to it, for other people's pages.
"""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from loadtest.flood.thresholds import NAMES
from loadtest.judge.judgement import Judgement
from loadtest.judge.trial import Trial
from loadtest.judge.verdict import came_to
from loadtest.provider.money import MICROS, show_money
from loadtest.report.answers import answers_of
from loadtest.report.bills import bills, show_span
from loadtest.report.charts import panels_of
from loadtest.report.printout import headline, margin, when_and_where
from loadtest.report.several import means_of, seed_line, shown_figures, trial_headline

_PLAYING = "playing"
_STANDS = "The flood is playing, and this is how it stands. The worker's books are compared when it has ended."


def page(judgement: Judgement, *, playing: bool = False) -> str:
    """Return the report as a whole HTML document; that of a flood that is `playing` says that more will come."""
    content = _content(judgement, playing=playing)
    return _render("document.html", title=f"{judgement.run.scenario.name}: {content['state']}", **content)


def section(judgement: Judgement) -> str:
    """Return the report as a fragment with a style of its own."""
    return _render("section.html", **_content(judgement, playing=False))


def trial_page(trial: Trial) -> str:
    """Return the report on several seeds as a whole HTML document."""
    state = trial.verdict.state.name.lower()
    return _render(
        "trial.html", title=f"{trial.head.scenario}: {state}", trial=trial, state=state, verdict=trial.verdict
    )


def waiting(failure: str = "") -> str:
    """Return the page that stands where a report will be; `failure` is why there is none of the last flood."""
    return _render("waiting.html", title="flood", failure=failure)


def _content(judgement: Judgement, *, playing: bool) -> dict[str, Any]:
    return {
        "judgement": judgement,
        "state": _PLAYING if playing else judgement.verdict.state.name.lower(),
        "playing": playing,
        "panels": list(panels_of(judgement)),
        "answers": answers_of(judgement.evidence),
        "bills": bills(judgement),
    }


def _cents(micros: int) -> str:
    """Return an amount to the cent, for people; sums are exact elsewhere."""
    return f"{micros / MICROS:,.2f}"


def _breakable(name: str) -> Markup:
    """Return a name that may be broken after its dots and underscores."""
    return Markup("<wbr>").join(re.split(r"(?<=[._])", name))


def _environment() -> Environment:
    loader = PackageLoader("loadtest.report")
    environment = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "breakable": _breakable,
        "cents": _cents,
        "count": "{:,}".format,
        "headline": headline,
        "margin": margin,
        "money": show_money,
        "came_to": came_to,
        "means_of": means_of,
        "seed_line": seed_line,
        "shown_figures": shown_figures,
        "trial_headline": trial_headline,
        "span": show_span,
        "when_and_where": when_and_where,
    }
    style = Markup(loader.get_source(environment, "page.css")[0])  # noqa: S704  our own file
    environment.globals |= {"style": style, "meanings": NAMES, "stands": _STANDS}
    return environment


_ENVIRONMENT = _environment()


def _render(template: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(values)

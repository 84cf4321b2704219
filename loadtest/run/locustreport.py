"""The flood's report inside Locust's own `--html` report, and inside the one that its web interface offers.

Locust has no hook for it, so the function that renders the report is wrapped where it is used. The section goes before the
last `</body>`: the script that Locust inlines contains the word as well.
"""

from collections.abc import Callable
from typing import Any

from locust import main, web

from loadtest.judge.judgement import Judgement
from loadtest.report.page import section

_END = "</body>"


def append_to_locusts_report(latest: Callable[[], Judgement | None]) -> None:
    """Add what `latest` returns to every report that Locust renders from now on."""
    for user in (main, web):
        vars(user)["get_html_report"] = _appending(vars(user)["get_html_report"], latest)


def _appending(render: Callable[..., str], latest: Callable[[], Judgement | None]) -> Callable[..., str]:
    def rendered(*args: Any, **kwargs: Any) -> str:
        html, judgement = render(*args, **kwargs), latest()
        if judgement is None:
            return html
        before, end, after = html.rpartition(_END)
        return before + section(judgement) + end + after

    return rendered

"""`/flood` in Locust's web interface: the report while it happens, and a guard at the form's door.

1. The page is the report's own section, made anew at most every two seconds, and asks to be loaded again while a flood
   plays. No script. While one plays it is made beside it (:mod:`loadtest.run.aside`): watching costs nothing that a verdict sees.
2. The form starts floods against the one target of the command line. A host, or any other option that is not the form's
   to change, is refused, and so is a form that another site's page has sent.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from gevent.lock import RLock
from locust.web import WebUI

from loadtest.judge.judgement import Judgement
from loadtest.report.page import page, waiting
from loadtest.run.aside import aside
from loadtest.run.options import FORM_FIELDS

_FRESH_S = 2.0
_WAITING = waiting()
_LINK = (
    '<a href="./flood" style="position:fixed;right:12px;bottom:12px;padding:6px 14px;border-radius:8px;background:#0b63ce;'
    'color:#fff;font:15px system-ui,sans-serif;text-decoration:none;z-index:9999">the flood, live</a>'
)


class LivePage:
    """Renders the judgement, and remembers it for as long as it is fresh."""

    def __init__(
        self, judgement: Callable[[], Judgement | None], is_playing: Callable[[], bool], failure: Callable[[], str]
    ) -> None:
        self._judgement, self._is_playing, self._failure = judgement, is_playing, failure
        self._html, self._made_s, self._made_playing = _WAITING, -_FRESH_S, True
        self._making = RLock()

    def __call__(self) -> Response:
        """Answer a request for `/flood`."""
        with self._making:
            playing = self._is_playing()
            if playing != self._made_playing or time.monotonic() - self._made_s >= _FRESH_S:
                self._html = (aside(self._make) or self._html) if playing else self._make()
                self._made_s, self._made_playing = time.monotonic(), playing
        response = Response(self._html, mimetype="text/html")
        response.headers["Refresh"] = "2" if playing or self._html is _WAITING else "10"
        return response

    def _make(self) -> str:
        judgement = self._judgement()
        return waiting(self._failure()) if judgement is None else page(judgement, playing=self._is_playing())


class Guard:
    """Refuses requests that Locust would obey."""

    def __init__(self, form_path: str, host: str, check: Callable[[dict[str, str]], str]) -> None:
        """`check` returns what is wrong with a form that changes nothing but what it may; empty if nothing is."""
        self._form_path, self._host, self._check = form_path, host, check

    def __call__(self) -> Response | None:
        """Answer in Locust's place; None lets it answer."""
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
            return Response(f"a page of {origin} may not start floods\n", HTTPStatus.FORBIDDEN, mimetype="text/plain")
        complaint = self._complaint() if request.method == "POST" and request.path == self._form_path else ""
        # With a 200, as Locust itself does it: only then does its form show the message.
        return jsonify(success=False, message=complaint, host=self._host) if complaint else None

    def _complaint(self) -> str:
        for field in request.form.keys() - FORM_FIELDS:
            return f"{field} is not the form's to change; it is an option of the command line"
        if request.form.get("host", self._host).rstrip("/") != self._host:
            return f"the target is {self._host}; another one takes another command line"
        return self._check(request.form.to_dict())


def _linked(response: Response, front_page: str) -> Response:
    """Add a link to the flood's page to Locust's own."""
    if request.path == front_page and response.mimetype == "text/html" and not response.direct_passthrough:
        before, end, after = response.get_data(as_text=True).rpartition("</body>")
        response.set_data(before + _LINK + end + after)
    return response


def mount(web_ui: WebUI, base: str, guard: Guard, live: LivePage) -> None:
    """Add the page and the guard to Locust's application."""
    app: Flask | None = web_ui.app
    if app is None:
        return
    app.before_request(guard)
    app.after_request(lambda response: _linked(response, f"{base}/"))
    only_who_may: Any = web_ui.auth_required_if_enabled
    app.add_url_rule(f"{base}/flood", "flood", only_who_may(live.__call__))

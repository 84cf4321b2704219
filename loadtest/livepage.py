"""`/flood` in Locust's web interface: the report while it happens, and a guard at the form's door.

1. The page is the report's own section, made anew at most every two seconds, and asks to be loaded again while a flood
   plays. No script.
2. The form starts floods against the one target of the command line. A host, or any other option that is not the form's
   to change, is refused, and so is a form that another site's page has sent.
"""

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from locust.web import WebUI

from loadtest.judgement import Judgement
from loadtest.options import FORM_FIELDS
from loadtest.report import page

_FRESH_S = 2.0
_WAITING = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    "<title>flood</title></head><body><p>No flood has begun. Start one in "
    '<a href="./">Locust</a>, and come back.</p></body></html>'
)


class LivePage:
    """Renders the judgement, and remembers it for as long as it is fresh."""

    def __init__(self, judgement: Callable[[], Judgement | None], is_playing: Callable[[], bool]) -> None:
        self._judgement, self._is_playing = judgement, is_playing
        self._html, self._made_s, self._made_playing = _WAITING, -_FRESH_S, True

    def __call__(self) -> Response:
        """Answer a request for `/flood`."""
        playing = self._is_playing()
        if playing != self._made_playing or time.monotonic() - self._made_s >= _FRESH_S:
            judgement = self._judgement()
            self._html = _WAITING if judgement is None else page(judgement)
            self._made_s, self._made_playing = time.monotonic(), playing
        response = Response(self._html, mimetype="text/html")
        response.headers["Refresh"] = "2" if playing or self._html is _WAITING else "10"
        return response


def refusal(path: str, host: str) -> str | None:
    """Return why the request at hand is not for this form; None if it is."""
    origin = request.headers.get("Origin")
    if request.method != "POST":
        return None
    if origin and urlsplit(origin).netloc != request.host:
        return f"a page of {origin} may not start floods"
    if request.path != path:
        return None
    for field, value in request.form.items():
        if field not in FORM_FIELDS:
            return f"{field} is not the form's to change; it is an option of the command line"
        if field == "host" and value.rstrip("/") not in ("", host):
            return f"the target is {host}; another one takes another command line"
    return None


def mount(web_ui: WebUI, base: str, host: str, live: LivePage) -> None:
    """Add the page and the guard to Locust's application."""
    app: Flask | None = web_ui.app
    if app is None:
        return

    def guard() -> Response | None:
        complaint = refusal(f"{base}/swarm", host)
        if complaint is None:
            return None
        body = json.dumps({"success": False, "message": complaint})
        return Response(body, status=HTTPStatus.FORBIDDEN, mimetype="application/json")

    app.before_request(guard)
    only_who_may: Any = web_ui.auth_required_if_enabled
    app.add_url_rule(f"{base}/flood", "flood", only_who_may(live.__call__))

"""Headless Chromium, driven over a pipe by its own protocol: for the pictures in docs/ and for the tests of the page.

Nothing is downloaded, and no driver is needed: the system's Chromium reads commands from one pipe and answers on another
(https://chromedevtools.github.io/devtools-protocol/).
"""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ANSWER_S = 30.0
PHONE_WIDTH = 600
"""What is narrower is a phone."""
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "--mute-audio",
)  # fmt: skip
_START = """
import fcntl, os, sys
commands, answers = (fcntl.fcntl(int(pipe), fcntl.F_DUPFD, 10) for pipe in sys.argv[1:3])
os.dup2(commands, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes the browser, with the pipes where it looks for them."""


def program() -> str | None:
    """Return where Chromium is, if it is there."""
    return next((found for found in map(shutil.which, PROGRAMS) if found), None)


class BrowserError(Exception):
    """What the browser says that it could not do."""


class Tab:
    """One tab. `said` is what the browser has complained of in its console."""

    def __init__(self, browser: "_Pipe", session: str) -> None:
        self._browser = browser
        self._session = session
        for domain in ("Page", "Runtime", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """Have a command of the protocol done, and return its result. Raises BrowserError."""
        return self._browser.ask(method, params, self._session)

    def look_like(self, *, width: int, height: int, dark: bool, language: str) -> None:
        """Be a window of that size, for somebody who wants such a theme and such a language."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < PHONE_WIDTH,
        )
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[theme])
        agent = self.do("Runtime.evaluate", expression="navigator.userAgent")["result"]["value"]
        self.do("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)

    def go(self, address: str) -> None:
        """Open a page, and wait until it is there."""
        self._browser.forget("Page.loadEventFired")
        self.do("Page.navigate", url=address)
        self.loaded()

    def loaded(self) -> None:
        """Wait until a page that is on its way is there."""
        self._browser.wait_for("Page.loadEventFired")

    def reload(self) -> None:
        """Open the same page again."""
        self._browser.forget("Page.loadEventFired")
        self.do("Page.reload")
        self.loaded()

    def press(self, selector: str) -> None:
        """Press a button that opens a page, and wait until that is there."""
        self._browser.forget("Page.loadEventFired")
        self.run(f"document.querySelector({json.dumps(selector)}).click()")
        self.loaded()

    def run(self, script: str) -> Any:
        """Return what a script comes to, which may have to be waited for. Raises BrowserError for what it raises."""
        found = self.do("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise BrowserError(json.dumps(found["exceptionDetails"])[:2_000])
        return found["result"].get("value")

    def picture(self) -> bytes:
        """Return the whole page as a PNG."""
        size = self.do("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        return base64.b64decode(self.do("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"])

    @property
    def said(self) -> list[str]:
        """What stands in the console, and what was blocked."""
        self.run("0")
        entries = [event["params"]["entry"] for event in self._browser.events if event["method"] == "Log.entryAdded"]
        return [entry["text"] for entry in entries]


class _Pipe:
    """The two pipes, and what came out of them that nobody has asked for."""

    def __init__(self, into: int, out: int) -> None:
        self._into, self._out = into, out
        self._numbers = itertools.count(1)
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, params: dict[str, Any], session: str = "") -> dict[str, Any]:
        number = next(self._numbers)
        asked = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._into, json.dumps(asked).encode() + b"\0")
        deadline = time.monotonic() + ANSWER_S
        while True:
            answer = self._next(deadline)
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def forget(self, method: str) -> None:
        self.events = [event for event in self.events if event.get("method") != method]

    def wait_for(self, method: str) -> None:
        deadline = time.monotonic() + ANSWER_S
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._next(deadline))

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if not select.select([self._out], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise BrowserError(f"no answer in {ANSWER_S:.0f} s")
            piece = os.read(self._out, 1_000_000)
            if not piece:
                raise BrowserError("the browser is gone")
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


@contextmanager
def browsing() -> Iterator[Tab]:
    """Yield a tab of a browser that forgets everything; it is ended afterwards. Raises BrowserError where there is no browser."""
    found = program()
    if found is None:
        raise BrowserError(f"none of {', '.join(PROGRAMS)} is installed")
    commands, answers = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="antirelou-browser-", ignore_cleanup_errors=True) as home:
        process = subprocess.Popen(  # noqa: S603  a browser that was found here
            [sys.executable, "-c", _START, str(commands[0]), str(answers[1]), found, *_FLAGS, f"--user-data-dir={home}"],
            pass_fds=(commands[0], answers[1]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(commands[0])
        os.close(answers[1])
        try:
            pipe = _Pipe(commands[1], answers[0])
            target = pipe.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
            yield Tab(pipe, pipe.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"])
        finally:
            process.terminate()
            process.wait(ANSWER_S)
            os.close(commands[1])
            os.close(answers[0])

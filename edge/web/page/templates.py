"""The templates of the page, and its style and its script, which stand in it: it asks for nothing else."""

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from edge.web.page.view import View
from edge.web.page.words import LANGUAGES

_FOLDER = Path(__file__).parent
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_PARTS = _ENVIRONMENT.get_template("parts.html").module
_PAGE = _ENVIRONMENT.get_template("page.html")
_DOOR = _ENVIRONMENT.get_template("door.html")
_NAMES = ("state", "flood", "kitty", "silence", "health", "history", "reasons")
"""The parts, in their order on the page."""
_OURS = {"languages": [(tag, words["language"]) for tag, words in LANGUAGES.items()]}


def _own(name: str) -> Markup:
    """Return a file of ours as it stands: it is no text of anybody else's."""
    return Markup((_FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704  ours


_STYLE, _SCRIPT = _own("style.css"), _own("script.js")


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode(), usedforsecurity=False).digest()).decode()}'"


CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src {_hashed(_STYLE)}; script-src {_hashed(_SCRIPT)}; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


TOKEN = "@token@"  # noqa: S105  it stands where each visitor's own is put in
"""What is rendered once, for all who look, has this where a form carries the visitor's token."""


def parts_of(view: View) -> dict[str, Markup]:
    """Return the parts that are shown, each by its name; blank where there is nothing to show."""
    seen = view.parts
    more = {"silence": {"token": TOKEN}}
    return {
        name: Markup(str(getattr(_PARTS, name)(seen.get(name), view.words, **more.get(name, {}))).strip())  # noqa: S704  rendered, and so escaped
        for name in _NAMES
    }


def page_of(parts: Mapping[str, Markup], language: str, now: dt.datetime, *, is_locked: bool) -> str:
    """Return the whole page; `is_locked` says that a key opened it."""
    return _PAGE.render(
        parts=parts,
        token=TOKEN,
        as_of=f"{now:%H:%M:%S}",
        zone=now.tzinfo,
        is_locked=is_locked,
        **_common(language),
        script=_SCRIPT,
    )


def door_of(language: str, *, is_locked: bool, was_refused: bool) -> str:
    """Return the page for somebody who may not see it: it asks for the key, where there is one."""
    return _DOOR.render(is_locked=is_locked, was_refused=was_refused, **_common(language))


def _common(language: str) -> dict[str, Any]:
    return {"language": language, "words": LANGUAGES[language], "style": _STYLE, **_OURS}

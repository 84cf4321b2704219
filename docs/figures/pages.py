"""Puts tables and figures into the pages."""

import re
from collections.abc import Sequence
from pathlib import Path

from docs.figures.experiments import ROOT
from docs.figures.sentences import SENTENCES, figure
from docs.figures.tables import TABLES, Found
from docs.marks import filled

_PLACE = re.compile(r"\{(.*?)\}")
_FIGURE = r"[\d.,]+(?: ±[\d.,]+)?"


def pages(found: Found, sentences: Sequence[tuple[str, str]] = SENTENCES) -> dict[Path, str]:
    """Return every page whose figures are not the ones that were found, as it has to be. Raises ValueError for a sentence that its page has lost."""
    texts = {path: path.read_text(encoding="utf-8") for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))}
    made = {path: filled(text, "figures", lambda name, _: TABLES[name](found)) for path, text in texts.items()}
    for page, sentence in sentences:
        made[ROOT / page] = _said(page, made[ROOT / page], sentence, found)
    return {path: text for path, text in made.items() if text != texts[path]}


def pattern_of(sentence: str) -> str:
    """Return what finds a sentence in its page, whatever its figures are."""
    return _FIGURE.join(map(re.escape, _PLACE.split(sentence)[::2]))


def _said(page: str, text: str, sentence: str, found: Found) -> str:
    """Return a page with the figures of one sentence."""
    around, names = _PLACE.split(sentence)[::2], _PLACE.findall(sentence)
    figures = [figure(name, found) for name in names]
    if ".fr." in page:
        figures = [one.translate(str.maketrans(",.", " ,")) for one in figures]
    pattern = pattern_of(sentence)
    if len(re.findall(pattern, text)) != 1:
        raise ValueError(f"{page}: not once in it: {sentence}")
    told = "".join(word + one for word, one in zip(around, [*figures, ""], strict=True))
    return re.sub(pattern, lambda _: told, text)

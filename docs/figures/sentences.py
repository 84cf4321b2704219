"""The sentences with figures in them, each once in its page.

`{EXPERIMENT: FIGURE before}` stands for the figure of its first file, `after` for that of its second; `after ±` has the
interval as well. Where a page is French its figures have a decimal comma.
"""

import re

from docs.figures.cells import full, plain
from docs.figures.tables import Found

SENTENCES = [
    (
        "README.md",
        (
            "Where half of them do, {knock knocks: people after} % of all people are answered instead of {knock knocks: people before};"
            " where they write one to three times, {knock sybil-again: people after} instead of {knock sybil-again: people before};"
            " and in a raid of trolls who type on, {knock raid-typed: people after} instead of {knock raid-typed: people before};"
        ),
    ),
    (
        "README.md",
        "With four numbers of which the flood knows one it is {numbers numbers: people after} instead of {numbers numbers: people before},",
    ),
    (
        "README.fr.md",
        (
            "Si la moitié d'entre elles le font, {knock knocks: people after} % des personnes reçoivent la réponse au lieu de {knock knocks: people before} ;"
            " si elles écrivent une à trois fois, {knock sybil-again: people after} au lieu de {knock sybil-again: people before} ;"
            " et dans un raid de trolls qui tapent sans cesse, {knock raid-typed: people after} au lieu de {knock raid-typed: people before} ;"
        ),
    ),
    (
        "README.fr.md",
        "Avec quatre numéros dont l'inondation connaît un seul, c'est {numbers numbers: people after} au lieu de {numbers numbers: people before},",
    ),
    (
        "docs/explanation/who-gets-the-money.md",
        (
            "of all people {numbers numbers: people after ±} % are answered in `numbers` (half of them write again),"
            " and {numbers numbers-raid: people after ±} % in `numbers-raid`;"
            " trolls get {numbers numbers: trolls after} and {numbers numbers-raid: trolls after} EUR."
        ),
    ),
    (
        "docs/explanation/when-silence-costs-too-much.md",
        "Of {detach sybil-again: receiving before} EUR of receiving in a sybil {detach sybil-again: receiving after} are left;",
    ),
]


_PLACEHOLDER = re.compile(r"(.+): (.+) (before|after)( ±)?")


def figure(word: str, found: Found) -> str:
    """Return what a placeholder stands for. Raises ValueError for one that is none."""
    at = _PLACEHOLDER.fullmatch(word)
    if at is None:
        raise ValueError(f"{{{word}}}: write {{EXPERIMENT: FIGURE before}}, or after, or after ±")
    said = found[at[1]]["all"]
    return (full if at[4] else plain)(said if at[3] == "before" else said["compared"], at[2])

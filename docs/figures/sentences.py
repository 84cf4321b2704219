"""The sentences with figures in them, each once in its page.

`{EXPERIMENT: FIGURE before}` stands for the figure of its first file, `after` for that of its second; `after ±` has the
interval as well. `{EXPERIMENT: bill}` is that of one night in whole cents, `replies` and `receiving` its two parts. Where a page is
French its figures have a decimal comma.
"""

import re

from docs.figures.cells import full, plain
from docs.figures.tables import Found

SENTENCES = [
    (
        "README.md",
        (
            "`weekend-2017`, the four days that sank the first number, comes to {a night as sent: bill} EUR"
            " with its long texts and the example file: {a night as sent: replies} for replies and {a night as sent: receiving} for receiving"
        ),
    ),
    (
        "README.fr.md",
        (
            "`weekend-2017`, les quatre jours qui ont coulé le premier numéro, revient à {a night as sent: bill} EUR"
            " avec ses longs textes et le fichier d'exemple : {a night as sent: replies} pour les réponses et {a night as sent: receiving} pour la réception"
        ),
    ),
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
_OF_A_NIGHT = re.compile(r"(.+): (bill|replies|receiving)")
_BILL = re.compile(
    r"bill: (?P<bill>[\d.]+) EUR: (?P<replies>[\d.]+) for [\d,]+ replies, (?P<receiving>[\d.]+) for receiving"
)


def figure(word: str, found: Found) -> str:
    """Return what a placeholder stands for. Raises ValueError for one that is none."""
    night = _OF_A_NIGHT.fullmatch(word)
    if night is not None:
        return _of_the_bill(found[night[1]]["all"]["lines"], night[2])
    at = _PLACEHOLDER.fullmatch(word)
    if at is None:
        raise ValueError(f"{{{word}}}: write {{EXPERIMENT: FIGURE before}}, or after, or after ±")
    said = found[at[1]]["all"]
    return (full if at[4] else plain)(said if at[3] == "before" else said["compared"], at[2])


def _of_the_bill(lines: list[str], what: str) -> str:
    """Return the bill that the command prints of one night, or a part of it."""
    [told] = filter(None, map(_BILL.fullmatch, lines))
    return f"{float(told[what]):.2f}"

"""The tables of figures, by the name that their place in a page bears: `<!-- figures: NAME -->`."""

from collections.abc import Callable, Iterator
from functools import partial

from docs.figures.cells import both, change, full, plain
from docs.figures.measured import Values

Found = dict[str, dict[str, Values]]
_PEOPLE, _FLOOD, _TROLLS = "people", "people in the flood", "trolls"


def _lines(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _answered(head: str, experiments: str, labels: dict[str, str], found: Found) -> Iterator[str]:
    """Yield of two files who is answered, and what trolls get; the floods are those of `experiments`, with a label each."""

    def rows() -> Iterator[tuple[str, ...]]:
        for flood, label in labels.items():
            one = found[f"{experiments} {flood}"]["all"]
            answered = both(one, _PEOPLE, praised=True), both(one, _FLOOD), change(one, _PEOPLE)
            yield f"`{flood}`: {label}", *answered, both(one, _TROLLS)

    return _lines(
        (head, "people answered, %", "of those in the flood, %", "difference, points", "trolls got, EUR"), rows()
    )


_KNOCK = {
    "sybil": "everybody writes once",
    "knocks": "half of the people write twice",
    "sybil-again": "people write one to three times",
    "raid-typed": "the same, trolls type on",
    "raid-3000": "the same, trolls write now and then",
    "learned": "the same, trolls know of it",
    "weekend-2017": "four days, everybody writes once",
    "calm": "no flood, 200 a day",
}
_FARM = {
    "farm-50": "twenty thousand numbers in fifty blocks",
    "farm-500": "in five hundred",
    "sybil-again": "strangers' numbers, scattered",
}
_NUMBERS = {
    "numbers": "twenty thousand strangers who know one of four",
    "numbers-raid": "three thousand trolls who type on and know one of four",
}


def share(found: Found) -> Iterator[str]:
    """Yield the shares that a reserve may have."""
    head = ("share", "people answered, %", "of those in the flood, %", "trolls got, EUR")
    rows = (
        (row["values"]["knock.share"], full(row, _PEOPLE), full(row, _FLOOD), plain(row, _TROLLS))
        for row in found["share"]["all"]["sweep"]
    )
    yield from _lines(head, rows)


def frontier(found: Found) -> Iterator[str]:
    """Yield the periods of a sender and the paces."""
    head = ("period", "pace, EUR a day", "people answered, %", "replies, EUR", "of it to trolls", "bill, EUR")
    rows = (
        (
            row["values"]["limit.sender.period"],
            row["values"]["budget.per-day"],
            full(row, _PEOPLE),
            plain(row, "replies"),
            plain(row, _TROLLS),
            full(row, "bill"),
        )
        for row in found["frontier"]["all"]["sweep"]
    )
    yield from _lines(head, rows)


_RECEIVING = ("receiving, EUR", "people answered, %", "difference, points")


def _detached(head: str, labels: dict[str, str], found: Found) -> Iterator[str]:
    """Yield of a file that detaches, beside one that does not, what receiving costs and who is answered."""

    def rows() -> Iterator[tuple[str, ...]]:
        for name, label in labels.items():
            one = found[name]["all"]
            yield label, both(one, "receiving"), both(one, _PEOPLE), change(one, _PEOPLE)

    return _lines((head, *_RECEIVING), rows())


def detach(found: Found) -> Iterator[str]:
    """Yield what detaching saves, and whom it costs."""
    head = (
        "flood",
        "receiving, EUR",
        "bill, EUR",
        "people answered, %",
        "difference, points",
        "hours off",
        "changes a day",
    )

    def rows() -> Iterator[tuple[str, ...]]:
        for flood in ("sybil-again", "raid-3000", "weekend-again", "month"):
            one = found[f"detach {flood}"]["all"]
            off = (full(one["compared"], name) for name in ("hours off", "changes in a day"))
            yield (
                f"`{flood}`",
                both(one, "receiving"),
                both(one, "bill"),
                both(one, _PEOPLE),
                change(one, _PEOPLE),
                *off,
            )

    yield from _lines(head, rows())


_UNBOUNDED = {
    "detach troll-5000.toml": "one troll, 5,000 messages in four hours",
    "detach raid-50": "`raid-50`: fifty trolls, 30,000 messages",
    "detach viral": "`viral`: 3,300 people in a day, and nobody else",
    "detach weekend-again as sent": "`weekend-again` with its own texts, 6 segments a message in its worst hours",
} | {
    f"detach {flood} {seconds}s": f"`{flood}`, the provider takes {seconds} s"
    for flood in ("sybil-again", "raid-3000")
    for seconds in (60, 300)
}
_HEARD = {f"detach and knock {flood}": f"`{flood}`" for flood in ("sybil-again", "raid-3000", "weekend-again")} | {
    "detach and knock month": "`month`, 5 seeds"
}


def detached_numbers(found: Found) -> Iterator[str]:
    """Yield what detaching does where there are four numbers."""
    head = (
        "flood, four numbers of which it knows one",
        *_RECEIVING,
        "of those in the flood, %",
        "hours off, all together",
    )
    rows = (
        (
            f"`{flood}`",
            both(one, "receiving"),
            both(one, _PEOPLE),
            change(one, _PEOPLE),
            both(one, _FLOOD),
            full(one["compared"], "hours off"),
        )
        for flood in ("numbers", "numbers-raid")
        for one in (found[f"detach and {flood}"]["all"],)
    )
    yield from _lines(head, rows)


def week(found: Found) -> Iterator[str]:
    """Yield what a week for a sender does."""
    head = ("flood", "people answered, %", "difference, points", "to trolls, EUR", "bill, EUR")
    rows = (
        (f"`{flood}`", both(one, _PEOPLE, praised=True), change(one, _PEOPLE), both(one, _TROLLS), both(one, "bill"))
        for flood in ("weekend-2017", "raid-3000", "sybil-again")
        for one in (found[f"week {flood}"]["all"],)
    )
    yield from _lines(head, rows)


def night(found: Found) -> Iterator[str]:
    """Yield the first lines that the command prints of one night, and the bill."""
    first, answered, *others = found["a night"]["all"]["lines"]
    yield from ("```", first, answered, "...", next(line for line in others if line.startswith("bill: ")), "```")


def bill(found: Found) -> Iterator[str]:
    """Yield what the command says of the bill of that night, and of the kitty."""
    lines = found["a night as sent"]["all"]["lines"]
    yield from ("```", *(line for line in lines if line.startswith(("bill: ", "kitty: "))), "```")


TABLES: dict[str, Callable[[Found], Iterator[str]]] = {
    "knock": partial(_answered, "flood", "knock", _KNOCK),
    "farm": partial(_answered, "flood", "farm", _FARM),
    "numbers": partial(
        _answered, "flood of four hours, 100 people a day of whom half write again", "numbers", _NUMBERS
    ),
    "share": share,
    "frontier": frontier,
    "detach": detach,
    "unbounded": partial(_detached, "flood", _UNBOUNDED),
    "heard": partial(_detached, "flood, both files with the knock", _HEARD),
    "detached_numbers": detached_numbers,
    "week": week,
    "night": night,
    "bill": bill,
}

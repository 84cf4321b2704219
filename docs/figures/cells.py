"""How a figure is written: shares in per cent and hours with one digit, money in cents; an interval beside its mean."""

from docs.figures.measured import Values

_SHARES = frozenset({"people", "people in the flood", "bound"})
_HOURS = frozenset({"hours off", "changes in a day"})


def plain(said: Values, name: str) -> str:
    """Return the mean of a figure."""
    return _number(name, said["figures"][name]["mean"])


def full(said: Values, name: str) -> str:
    """Return the mean with its 95 % interval."""
    return plain(said, name) + _spread(name, said["figures"][name]["plus_minus"])


def both(said: Values, name: str, *, praised: bool = False) -> str:
    """Return the means of both files, and the second one's interval; in bold where `praised` and it is more, beyond chance.

    Blank where the floods have no such figure: nobody writes for the first time in a flood that is none.
    """
    if name not in said["figures"]:
        return ""
    second, difference = plain(said["compared"], name), said["compared"]["differences"][name]
    if praised and difference["beyond_chance"] and difference["mean"] > 0:
        second = f"**{second}**"
    return f"{plain(said, name)} → {second}{_spread(name, said['compared']['figures'][name]['plus_minus'])}"


def change(said: Values, name: str) -> str:
    """Return the mean of the paired differences, with its interval; 0 where there is none in any pair."""
    difference = said["compared"]["differences"][name]
    if not difference["mean"] and not difference["plus_minus"]:
        return "0"
    sign = "+" if difference["mean"] >= 0 else "-"
    return sign + _number(name, abs(difference["mean"])) + _spread(name, difference["plus_minus"])


def _number(name: str, value: float) -> str:
    if name in _SHARES:
        return f"{100 * value:.1f}"
    return f"{value:,.{1 if name in _HOURS else 2}f}"


def _spread(name: str, plus_minus: float | None) -> str:
    """Return the half of an interval; blank where nothing can be said, or it would be written as zero."""
    written = _number(name, plus_minus or 0)
    return f" ±{written}" if float(written) else ""

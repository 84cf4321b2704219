"""Facts about the figures in the pages: each is what the command said, and the code still says it."""

from copy import deepcopy

import pytest

from docs.figures.experiments import EXPERIMENTS
from docs.figures.measured import results, said
from docs.figures.pages import pages
from tests import ROOT
from tests.torture import rounds

AGAIN = (
    list(EXPERIMENTS)
    if rounds(0, 1)
    else ["knock knocks", "farm farm-50", "numbers numbers", "detach raid-3000", "a night", "a night as sent"]
)


def test_every_figure_is_the_measured_one():
    """A page that was written by hand fails here; `make figures` mends it."""
    assert [] == [str(path.relative_to(ROOT)) for path in pages(results())]


def test_every_experiment_was_measured():
    """And nothing is kept of one that is gone."""
    assert set(EXPERIMENTS) == set(results())


@pytest.mark.parametrize("name", AGAIN)
def test_the_code_still_does_what_was_measured(name):
    """The first seed comes to the same, to the last digit; where it does not, `make figures` measures all anew."""
    assert results()[name]["once"] == said(EXPERIMENTS[name].once)


def test_a_figure_that_moves_moves_on_every_page():
    """In tables and in sentences, in French with a comma."""
    found = deepcopy(results())
    found["knock knocks"]["all"]["figures"]["people"]["mean"] = 0.123
    told = {str(path.relative_to(ROOT)): text for path, text in pages(found).items()}

    assert {"README.md", "README.fr.md", "docs/explanation/who-gets-the-money.md"} == set(told)
    assert "are answered instead of 12.3;" in told["README.md"]
    assert "reçoivent la réponse au lieu de 12,3 ;" in told["README.fr.md"]
    assert "| `knocks`: half of the people write twice | 12.3 → " in told["docs/explanation/who-gets-the-money.md"]


def test_a_bill_that_moves_moves_on_every_page():
    """That of one night, as the command prints it and, in sentences, in cents."""
    found = deepcopy(results())
    [place] = [at for at, line in enumerate(found["a night as sent"]["all"]["lines"]) if line.startswith("bill: ")]
    bill = "bill: 12.3456 EUR: 4.9999 for 1,738 replies, 7.3457 for receiving"
    found["a night as sent"]["all"]["lines"][place] = bill
    told = {str(path.relative_to(ROOT)): text for path, text in pages(found).items()}

    assert {"README.md", "README.fr.md", "docs/how-to/read-the-report.md"} == set(told)
    assert (
        "comes to 12.35 EUR with its long texts and the example file: 5.00 for replies and 7.35 for receiving"
        in told["README.md"]
    )
    assert "revient à 12,35 EUR" in told["README.fr.md"]
    assert f"\n{bill}\n" in told["docs/how-to/read-the-report.md"]


def test_a_sentence_that_is_gone_is_said():
    """Or its figures would stay as they are for ever."""
    with pytest.raises(ValueError, match=r"^README.md: not once in it: A sentence of"):
        pages(results(), [("README.md", "A sentence of {knock knocks: people before}.")])

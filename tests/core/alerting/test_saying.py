"""What alerts say: the same in each language, short, money first, and nothing that could hold a number or a text."""

import string

import pytest

from edge.core.alerting.saying import BUTTON, EN, FR, HELPED_BY, LANGUAGES, money, say
from edge.core.kept.button import Act

MAY_SAY = {
    "received", "messages", "replies", "left", "cost", "without", "percent", "hours", "channel", "why", "replied", "until",
    "senders",
}  # fmt: skip


def fields(words):
    """Return the names of what is filled in."""
    return {name for text in words[:2] for _, name, _, _ in string.Formatter().parse(text) if name}


def test_each_language_says_the_same():
    """The same events, with the same figures, as urgent as in the other."""
    assert EN.keys() == FR.keys()
    assert [(fields(EN[name]), EN[name].urgent) for name in EN] == [(fields(FR[name]), FR[name].urgent) for name in EN]


def test_only_sums_are_said():
    """No sender, no text: there is no place for one."""
    assert MAY_SAY == {name for words in EN.values() for name in fields(words)}


def test_each_button_has_its_words_and_its_events():
    """In each language other ones; and only events that there are."""
    assert [set(Act)] * len(LANGUAGES) == [set(labels) for labels in BUTTON.values()]
    assert len(LANGUAGES) * len(Act) == len({label for labels in BUTTON.values() for label in labels.values()})
    assert set(Act) == HELPED_BY.keys()
    assert set() == set().union(*HELPED_BY.values()) - EN.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_short(language):
    """A title on one line of a telephone, and a text that is read at night."""
    assert 45 >= max(len(words.title) for words in LANGUAGES[language].values())
    assert 180 >= max(len(words.text) for words in LANGUAGES[language].values())


@pytest.mark.parametrize(
    ("micros", "language", "expected"),
    [
        (0, "en", "0.00 EUR"),
        (1, "en", "0.01 EUR"),
        (12_345_678, "fr", "12,35 EUR"),
        (2_000_000_000, "en", "2000.00 EUR"),
    ],
)
def test_money_is_for_people(micros, language, expected):
    """In hundredths, rounded up."""
    assert expected == money(micros, "EUR", language)


def test_an_event_is_said_with_its_figures():
    """The kind of the event is for programs, and the same in each language."""
    alert = say("fr", "kitty_low", left="99,00 EUR", percent=5)

    assert ("kitty_low", "Il reste 99,00 EUR : moins de 5 %", True) == (alert.name, alert.title, alert.urgent)

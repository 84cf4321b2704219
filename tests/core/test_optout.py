"""Facts about opting out: one single word, however it is dressed up, and nothing longer."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.optout import WORDS, is_opt_out

_around = st.text(" \t\r\n.!?,;:\"'«»\u00a0\u202f", max_size=4)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        "Stop!",
        "ARRÊT",
        "arrêt",
        "Arrête.",
        "  Arre\u0302t \n",
        "« stop »",
        "Unsubscribe",
        "'End'",
        "stop" + " " * 20,
    ],
)
def test_a_word_that_asks_for_silence_is_one_however_it_is_written(text):
    """Capitals, accents of either composition, spaces and punctuation around make no difference."""
    assert is_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "stop it",
        "STOP ou encore",
        "non",
        "stopp",
        "Stop \U0001f6d1",
        "s.t.o.p",
        "\uff33\uff34\uff2f\uff30",
        "stop" + " " * 21,
    ],
)
def test_anything_else_is_a_message_like_any_other(text):
    """Sentences, other words, look-alikes and texts of more than 24 characters are answered as usual."""
    assert not is_opt_out(text)


@given(st.sampled_from(sorted(WORDS)), st.booleans(), _around, _around)
def test_every_word_counts_in_either_case_and_between_punctuation(word, capitals, before, after):
    """All words that the providers document are known, alone among punctuation."""
    assert is_opt_out(f"{before}{word.upper() if capitals else word}{after}")


@given(st.sampled_from(["arrêt", "arrête", "arrêtt", "quît", "stóp"]), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_an_accent_is_one_in_every_normal_form(word, form):
    """A telephone may send an accented letter as one character or as two."""
    assert is_opt_out(unicodedata.normalize(form, word.upper()))


@given(st.text(max_size=40))
def test_a_text_with_a_space_between_letters_is_never_an_opt_out(text):
    """Two words are never one: whoever writes a sentence is not taken for somebody who wants silence."""
    assert not is_opt_out(f"a{text} b")

"""Facts about texts of one word that no reply answers: however it is dressed up, and nothing longer."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.text.optout import WORDS, Word, word_of

_around = st.text(" \t\r\n.!?,;:\"'«»\u00a0\u202f()[]{}<>*_~`^|/\\#@&+=%$“”‘’‹›„…—–·•\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u202a\u202c\u3000\u2003。！？「」\ufe0f🛑✋", max_size=30)  # fmt: skip
_stops = sorted(word for word, asks in WORDS.items() if asks is Word.STOP)


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop", "Stop!", "ARRÊT", "arrêt", "Arrête.", "  Arre\u0302t \n", "« stop »", "Unsubscribe", "'End'"),
        *(
            "“STOP”",
            "(stop)",
            "STOP\u200b",
            "\u3000STOP\u3000",
            "*stop*",
            "STOP!!!",
            "**STOP**",
            "STOP…",
            "[STOP]",
            "_stop_",
        ),
        *(
            "\u200e\u202aSTOP\u202c",
            "\ufeffstop",
            "ST\u00adOP",
            "STOP\ufe0f",
            "—STOP—",
            "STOP 🛑",
            "✋ stop",
            "„Stop“",
            "`stop`",
        ),
        *(
            "\uff33\uff34\uff2f\uff30",
            "\U0001d412\U0001d413\U0001d40e\U0001d40f",
            "\u24c8\u24c9\u24c4\u24c5",
            "\U0001f142\U0001f143\U0001f13e\U0001f13f!",
        ),
        *("STOP\0\0", "\x1bstop", "stop\x7f"),
        *("STOP\u3164", "\u3164\u3164stop", "\uffa0STOP!\u115f", "\u1160 Arrêt"),
        *("stop" + " " * 200, "\u200b" * 100 + "stop", "!" * 50 + "STOP"),
    ],
)
def test_a_word_that_asks_for_silence_is_one_however_it_is_written(text):
    """Capitals, accents of either composition, and whatever is neither letter nor digit around it make no difference."""
    assert Word.STOP == word_of(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "!",
            "…",
            "\u200b",
            "🛑",
            "stop it",
            "STOP ou encore",
            "STOP\u00a0STOP",
            "STOP\u3000it",
            "stop. now",
            "non",
        ),
        *(
            "stopp",
            "s.t.o.p",
            "\u0405\u0422\u041e\u0420",
            "\uff33\uff34\uff2f\uff30\u3000it",
            "STOP 1",
            "1 STOP",
            "stop" * 400,
            "非常感谢" * 30,
            "é" * 1600,
        ),
    ],
)
def test_anything_else_is_a_message_like_any_other(text):
    """Sentences, other words, look-alikes and numbers are answered as usual."""
    assert None is word_of(text)


@pytest.mark.parametrize(
    ("text", "asks"), [("START", "start"), ("unstop!", "start"), ("Help", "help"), ("*HELP*", "help")]
)
def test_what_a_provider_answers_itself_is_told_apart(text, asks):
    """START and HELP are no STOP, and no message either."""
    assert asks == word_of(text)


@given(st.sampled_from(_stops), st.booleans(), _around, _around)
def test_every_word_counts_in_either_case_and_in_any_marks(word, capitals, before, after):
    """All words that the providers document are known, alone among punctuation, quotes, spaces, emoji and what nobody sees."""
    assert Word.STOP == word_of(f"{before}{word.upper() if capitals else word}{after}")


@given(st.sampled_from(["arrêt", "arrête", "arrêtt", "quît", "stóp"]), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_an_accent_is_one_in_every_normal_form(word, form):
    """A telephone may send an accented letter as one character or as two."""
    assert Word.STOP == word_of(unicodedata.normalize(form, word.upper()))


@given(st.text(max_size=40))
def test_a_text_with_a_space_between_letters_is_never_such_a_word(text):
    """Two words are never one: whoever writes a sentence is not taken for somebody who wants silence."""
    assert None is word_of(f"a{text} b")


@given(st.text(max_size=60))
def test_any_text_is_a_word_or_a_message(text):
    """Whatever it is made of, nothing is raised."""
    assert word_of(text) in {None, *Word}

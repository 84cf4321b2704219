"""Facts about what makes a text dear, and about the cheaper wording that is suggested."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.core.text.encoding import Encoding, Segments
from edge.core.text.segments import GSM_7, count, normalise
from edge.core.text.suggestion import Misfit, Suggestion
from edge.core.text.wording import misfits, suggest

FRENCH = "çêëïîôûâœŒÀÈÙ«»’“”…–—\u00a0\u202f`"
"""What French texts hold that GSM-7 does not."""

_texts = (
    st.text(FRENCH + "aé €]\n", max_size=330) | st.text("ab’ç😀中ж\u0301\u200d", max_size=200) | st.text(max_size=200)
)


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        *zip("çêëïîôûâÀÈÙ", "ceeiiouaAEU", strict=True),
        *[("œ", "oe"), ("Œ", "OE"), ("…", "..."), ("°", "o"), ("™", "TM"), ("½", "1/2"), ("₂", "2"), ("ﬁ", "fi")],
        *[(quote, "'") for quote in "‘’‚‛‹›′´`"],
        *[(quote, '"') for quote in "“”„‟«»"],
        *[(dash, "-") for dash in "‐‑‒–—―−•"],
        *[(space, " ") for space in "\u00a0\u202f\u2009\u2007\u3000\t"],
        *[(line, "\n") for line in "\u2028\u2029"],
        *[(mark, "") for mark in "\u0323\u0327"],
        *[("·", "."), ("→", "->"), ("″", "''"), ("đ", "d"), ("Ł", "L"), ("İ", "I"), ("ế", "e"), ("Ａ", "A")],
    ],
)
def test_a_replacement_is_what_a_person_would_type(character, expected):
    """Letters lose their accents, ligatures fall apart, typographic signs become those of a keyboard."""
    assert expected == replacement(character)


@pytest.mark.parametrize("character", "😀❤\ufe0f\u200d\u200b\u2060\ufeff\u00ad🏽\u20e3🇫\x1b\x00")
def test_what_only_decorates_or_cannot_be_seen_may_go(character):
    """Emoji and their modifiers, joiners, zero widths, soft hyphens and control characters are replaced by nothing."""
    assert "" == replacement(character)


@pytest.mark.parametrize("character", "中жαعש한₽∞≠\u0336\ue000\ud800")
def test_what_carries_meaning_is_not_replaced(character):
    """Letters of other scripts, currencies, relations and strokes that negate have no replacement: leaving them out would mangle the text."""
    assert None is replacement(character)


@given(st.characters().filter(lambda character: misfits(character) != []))
def test_a_replacement_is_always_gsm_7(character):
    """Whatever is replaced is replaced by characters that travel in septets."""
    assert GSM_7.issuperset(replacement(character) or "")


@given(st.text(sorted(GSM_7)))
def test_gsm_7_has_no_misfits(text):
    """What travels in septets is left alone, its accents and extension characters included."""
    assert misfits(text) == []


def test_misfits_are_named_with_their_places():
    """Each character that forces UCS-2 is reported once, with all its positions and what to write instead."""
    text = "L’aîné n’a pas 中\u00a0!"

    assert [
        Misfit("’", (1, 8), "'"),
        Misfit("î", (3,), "i"),
        Misfit("中", (15,), None),
        Misfit("\u00a0", (16,), " "),
    ] == misfits(text)


def test_positions_are_those_in_the_text_that_is_sent():
    """A decomposed é before the apostrophe counts as the one character that it becomes."""
    assert [Misfit("’", (1,), "'")] == misfits("e\u0301’")


@pytest.mark.parametrize(
    ("character", "expected"),
    [("\u00a0", "U+00A0 NO-BREAK SPACE"), ("\x1b", "U+001B"), ("😀", "U+1F600 GRINNING FACE")],
)
def test_a_misfit_that_cannot_be_seen_has_a_name(character, expected):
    """The name is Unicode's; control characters only have a number."""
    assert expected == Misfit(character, (0,), None).name


def test_a_curly_apostrophe_is_suggested_away():
    """With one straight apostrophe a text of 160 characters is one segment instead of three."""
    text = "Non, c’est non. " + "a" * 144

    suggestion = suggest(text)

    assert Suggestion(text.replace("’", "'"), Segments(Encoding.GSM_7, 160, 1), 2) == suggestion


def test_emoji_are_suggested_away():
    """An emoji that doubles the bill is left out, with all the invisible parts that it is made of."""
    suggestion = suggest("Non merci 👩🏽‍🦰❤️" + "!" * 70)

    assert "Non merci " + "!" * 70 == suggestion.text
    assert 1 == suggestion.segments_saved


def test_no_suggestion_without_a_misfit():
    """A long text in GSM-7 can be cut, which is for a person to do, but not be written differently."""
    assert None is suggest("é" * 200)


def test_no_suggestion_where_nothing_is_gained():
    """A short text is one segment either way, and keeps its apostrophe."""
    assert None is suggest("Non, c’est non.")


def test_no_suggestion_that_is_dearer():
    """Seventy ellipses are one segment in UCS-2, and would be two as full stops."""
    assert None is suggest("…" * 70)


def test_no_suggestion_while_one_misfit_stays():
    """One character without a replacement keeps the whole text in UCS-2, so nothing else is touched."""
    assert None is suggest("’" * 80 + "中")


@pytest.mark.parametrize("text", ["", "😀" * 36, "\u00a0" * 71])
def test_no_suggestion_to_say_nothing(text):
    """A text of nothing but emoji or spaces is dear, but an empty one is no wording of it."""
    assert None is suggest(text)


@given(_texts)
@example("ç" * 71)
@example("œ" * 70)
def test_a_suggestion_costs_less_and_is_final(text):
    """A suggestion is GSM-7 in fewer segments, saves what it says, is its own NFC, and leaves nothing to suggest."""
    suggestion = suggest(text)

    if suggestion is not None:
        assert Encoding.GSM_7 is suggestion.segments.encoding
        assert count(suggestion.text) == suggestion.segments
        assert count(text).segments - suggestion.segments.segments == suggestion.segments_saved > 0
        assert suggestion.text == normalise(suggestion.text)
        assert [] == misfits(suggestion.text)
        assert None is suggest(suggestion.text)


@given(_texts)
def test_a_suggestion_touches_misfits_only(text):
    """Replacing each misfit where it is reported to stand, and nothing else, gives the suggestion."""
    suggestion = suggest(text)
    characters = list(normalise(text))
    places = [(position, misfit) for misfit in misfits(text) for position in misfit.positions]

    assert [misfit.character for _, misfit in places] == [characters[position] for position, _ in places]
    for position, misfit in places:
        characters[position] = misfit.replacement
    if suggestion is not None:
        assert "".join(characters) == suggestion.text


@given(st.text(FRENCH + "abc é", min_size=71, max_size=400))
@example("\u202f" * 70 + "a")
def test_french_can_always_be_written_in_gsm_7(text):
    """A French text that stays dear has nothing to gain: written in septets it would be as many segments."""
    plain = "".join(character if character in GSM_7 else replacement(character) for character in normalise(text))

    assert Encoding.GSM_7 is count(plain).encoding
    assert (count(plain).segments < count(text).segments and plain.strip() != "") == (suggest(text) is not None)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_texts_get_the_same_advice(form):
    """How an editor stores accents changes neither the misfits nor the suggestion."""
    text = "Être laissée tranquille, ça s’écoute. " * 5

    assert suggest(text) == suggest(unicodedata.normalize(form, text))
    assert misfits(text) == misfits(unicodedata.normalize(form, text))


def replacement(misfit):
    """Return what is advised instead of one character."""
    [advised] = misfits(misfit)
    return advised.replacement

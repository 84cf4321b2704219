"""Facts about how texts travel and what they are billed as, against live figures and two independent counts."""

import unicodedata

import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from edge.core.text.encoding import Encoding, Segments
from edge.core.text.segments import GSM_7, count, excess_units, normalise

RECEIVED_MICROS, SEGMENT_MICROS = 7_500, 76_270
"""The creators' own figures of 2017: 0.0075 EUR to receive, 0.07627 EUR a segment (clubic.com/mag/actualite-838168)."""

TEXT_2017 = (
    "Bonjour, si ce message vous parvient, c'est que vous avez mis une femme mal à l'aise en insistant pour obtenir "
    "son numéro. Ce n'est pourtant pas compliqué : quand une personne dit non, n'insistez pas. Apprenez à "
    "respecter le choix des autres, cela vous rendra service. Merci !"
)
"""Of the length of the reply of 2017, in other words."""

IN_GSM_7 = "éèùàìòÉÇæÆäöüÄÖÜñß€"
NOT_IN_GSM_7 = "çêëïîôûâœŒÀÈÙ«»’“”…–—\u00a0\u202f`°"

_mixed = st.text("a é]€|ç’中😀\u0301\r\n", max_size=330) | st.text(max_size=330)
_gsm_7 = st.text(sorted(GSM_7), max_size=500)
_wide = st.text("]€", min_size=60, max_size=400) | st.text("中😀", min_size=60, max_size=300)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 80 + "\r\n" + "a" * 79, Segments(Encoding.GSM_7, 161, 2)),
        ("a" * 80 + "\n" + "a" * 79, Segments(Encoding.GSM_7, 160, 1)),
        ("a" * 200 + "\r\n" + "a" * 105, Segments(Encoding.GSM_7, 307, 3)),
        ("é" * 70, Segments(Encoding.GSM_7, 70, 1)),
        ("“Non”", Segments(Encoding.UCS_2, 5, 1)),
        ("„Non“\u200c", Segments(Encoding.UCS_2, 6, 1)),
        ("👋|", Segments(Encoding.UCS_2, 3, 1)),
        ("a" * 160, Segments(Encoding.GSM_7, 160, 1)),
        ("a" * 161, Segments(Encoding.GSM_7, 161, 2)),
        ("中" * 70, Segments(Encoding.UCS_2, 70, 1)),
        ("中" * 71, Segments(Encoding.UCS_2, 71, 2)),
        ("|", Segments(Encoding.GSM_7, 2, 1)),
    ],
)
def test_counts_are_those_that_twilio_billed(text, expected):
    """Texts sent on 2026-07-28 were billed so (github.com/TwilioDevEd/message-segment-calculator/issues/66)."""
    assert expected == count(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("]" * 153, Segments(Encoding.GSM_7, 306, 3)),
        ("this is a " + "]" * 75 + "😘", Segments(Encoding.UCS_2, 87, 2)),
        ("e\u0301\u0301\u0301" + "a" * 69, Segments(Encoding.UCS_2, 72, 2)),
    ],
)
def test_counts_are_those_of_reported_mistakes(text, expected):
    """Texts that other counters got wrong count as they were billed (same repository, issues 39, 18 and 17)."""
    assert expected == count(text)


@pytest.mark.parametrize(
    ("character", "alone", "part"), [("a", 160, 153), ("é", 160, 153), ("ç", 70, 67), ("中", 70, 67)]
)
def test_a_segment_holds_140_octets_and_a_part_six_fewer(character, alone, part):
    """160 septets or 70 units fill 1120 bits; 153 or 67 are what fits in the 1072 that the header of a part leaves."""
    bits = 7 if count(character).encoding is Encoding.GSM_7 else 16

    assert (alone, part) == (1120 // bits, 1072 // bits)
    assert [1, 2] == [count(character * n).segments for n in (alone, alone + 1)]
    assert [2, 3] == [count(character * n).segments for n in (2 * part, 2 * part + 1)]
    assert [9, 10] == [count(character * n).segments for n in (9 * part, 9 * part + 1)]


def test_an_escape_pair_moves_to_the_next_part():
    """A euro sign after 152 letters stands in part 2: 306 septets with that gap need a third part."""
    text = "a" * 152 + "€" + "a" * 152

    assert Segments(Encoding.GSM_7, 306, 3) == count(text)
    assert Segments(Encoding.GSM_7, 306, 2) == count("a" * 151 + "€" + "a" * 153)
    assert Segments(Encoding.GSM_7, 154, 1) == count("a" * 152 + "€")


def test_a_surrogate_pair_moves_to_the_next_part():
    """An emoji after 66 units stands in part 2: 134 units with that gap need a third part."""
    text = "中" * 66 + "😀" + "中" * 66

    assert Segments(Encoding.UCS_2, 134, 3) == count(text)
    assert Segments(Encoding.UCS_2, 134, 2) == count("中" * 65 + "😀" + "中" * 67)


def test_an_emoji_counts_two_units():
    """36 emoji are 72 units, and so two segments."""
    assert Segments(Encoding.UCS_2, 72, 2) == count("😀" * 36)
    assert [1, 2] == [count(character).units for character in "\uffff\U00010000"]


@pytest.mark.parametrize("character", IN_GSM_7)
def test_these_letters_travel_in_septets(character):
    """What French texts hold of the GSM alphabet, the euro sign at two septets, stays GSM-7."""
    assert Segments(Encoding.GSM_7, 2 if character == "€" else 1, 1) == count(character)


@pytest.mark.parametrize("character", NOT_IN_GSM_7)
def test_these_letters_do_not(character):
    """What French texts hold beyond the GSM alphabet, no-break spaces and three capitals included, forces UCS-2."""
    assert Segments(Encoding.UCS_2, 1, 1) == count(character)


def test_the_alphabet_has_137_characters():
    """The table has 128 places, one of which is the escape to an extension of ten."""
    assert 127 + 10 == len(GSM_7)
    assert 10 == sum(count(character).units == 2 for character in GSM_7)


def test_the_escape_is_not_a_character():
    """U+001B travels in UCS-2: a phone would take it in septets for the beginning of an extension character."""
    assert Encoding.UCS_2 is count("\x1b").encoding


def test_the_text_of_2017_is_two_segments():
    """A reply of that length is two segments and an exchange 0.16004 EUR, as the creators said."""
    counted = count(TEXT_2017)

    assert 276 <= counted.units <= 279
    assert (Encoding.GSM_7, 2) == (counted.encoding, counted.segments)
    assert 160_040 == RECEIVED_MICROS + counted.segments * SEGMENT_MICROS


@pytest.mark.parametrize(("plain", "typographic"), [("'", "’"), (" !", "\u00a0!"), (" :", "\u202f:")])
def test_one_typographic_character_makes_five_segments_of_two(plain, typographic):
    """A curly apostrophe or a no-break space takes the text of 2017 to five segments and 0.38885 EUR an exchange."""
    counted = count(TEXT_2017.replace(plain, typographic))

    assert (Encoding.UCS_2, 5) == (counted.encoding, counted.segments)
    assert 388_850 == RECEIVED_MICROS + counted.segments * SEGMENT_MICROS


def test_decomposed_accents_cost_nothing_because_they_are_composed_first():
    """The text of 2017 with decomposed accents would be five segments; what is sent and counted is its NFC, two."""
    decomposed = unicodedata.normalize("NFD", TEXT_2017)

    assert 5 == len(smsutil.split(decomposed).parts)
    assert 2 == count(decomposed).segments
    assert TEXT_2017 == normalise(decomposed)


def test_seventy_decomposed_letters_are_one_segment():
    """Twilio bills 140 code points of decomposed é as three segments; we send 70 composed ones."""
    decomposed = "e\u0301" * 70

    assert 3 == len(smsutil.split(decomposed).parts)
    assert Segments(Encoding.GSM_7, 70, 1) == count(decomposed)


def test_an_empty_text_is_one_segment():
    """Nobody sends less than one message, and nothing may cost nothing."""
    assert Segments(Encoding.GSM_7, 0, 1) == count("")
    assert 0 == excess_units("")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, 0),
        ("a" * 172, 12),
        ("a" * 306, 146),
        ("a" * 307, 1),
        ("]" * 153, 2),
        ("a" * 152 + "€" + "a" * 152, 1),
        ("ç" * 70, 0),
        ("ç" * 71, 1),
        ("ç" * 134, 64),
        ("ç" * 135, 1),
    ],
)
def test_excess_is_what_must_go_to_save_a_segment(text, expected):
    """The excess of two segments is over what travels alone; beyond that it is what stands in the last part."""
    assert expected == excess_units(text)


@given(_gsm_7 | _wide)
@example("]" * 153)
def test_cutting_the_excess_saves_exactly_one_segment(text):
    """A text without its excess is one segment shorter, and with one unit of it left it is not."""
    counted, excess = count(text), excess_units(text)

    kept = next(n for n in range(len(text), -1, -1) if counted.units - _units(text[:n], counted.encoding) >= excess)

    assert max(1, counted.segments - 1) == count(text[:kept]).segments
    assert excess == 0 or counted.segments == count(text[: kept + 1]).segments


@given(_mixed | _gsm_7 | _wide)
@example("]" * 153)
@example("中" * 66 + "😀" + "中" * 66)
def test_the_count_is_that_of_smsutil(text):
    """An independent counter agrees on every text but on the escape, which it takes for a character."""
    text = normalise(text.replace("\x1b", ""))
    counted, oracle = count(text), smsutil.split(text)

    assert len(oracle.parts) == counted.segments
    assert not text or (oracle.encoding == "gsm0338") == (counted.encoding is Encoding.GSM_7)
    assert oracle.total_bytes == counted.units * (1 if counted.encoding is Encoding.GSM_7 else 2)


@given(_mixed | _gsm_7 | _wide)
def test_the_text_can_be_cut_into_that_many_parts(text):
    """Octets cut at the limit, one or two earlier where that would split a pair, make as many readable parts."""
    text = normalise(text.replace("\x1b", ""))
    counted = count(text)
    septets = counted.encoding is Encoding.GSM_7
    codec = "gsm0338" if septets else "utf-16-be"

    parts = _cut_septets(text.encode(codec)) if septets else _cut_units(text.encode(codec))

    assert text == "".join(part.decode(codec) for part in parts)
    assert counted.segments == len(parts)
    assert counted.units == sum(map(len, parts)) // (1 if septets else 2)


@given(_mixed)
def test_the_count_is_that_of_what_is_sent(text):
    """A text and its NFC count alike, and normalising twice changes nothing."""
    assert count(text) == count(normalise(text))
    assert normalise(text) == normalise(normalise(text))


def test_results_are_values():
    """A count can be compared, and printed by the names that providers use."""
    assert "GSM-7 UCS-2" == f"{count('a').encoding} {count('ç').encoding}"


def _units(text, encoding):
    """Count units without the code under test."""
    return len(text.encode("gsm0338")) if encoding is Encoding.GSM_7 else len(text.encode("utf-16-be")) // 2


def _cut_septets(octets, alone=160, part=153):
    """Cut a text in septets, one to an octet; 0x1B is the first half of a pair."""
    if len(octets) <= alone:
        return [octets]
    parts = []
    while octets:
        end = part - (len(octets) > part and octets[part - 1] == 0x1B)
        parts.append(octets[:end])
        octets = octets[end:]
    return parts


def _cut_units(octets, alone=140, part=134):
    """Cut a text in UTF-16; 0xD8 to 0xDB begin the first half of a pair."""
    if len(octets) <= alone:
        return [octets]
    parts = []
    while octets:
        end = part - 2 * (len(octets) > part and 0xD8 <= octets[part - 2] <= 0xDB)
        parts.append(octets[:end])
        octets = octets[end:]
    return parts

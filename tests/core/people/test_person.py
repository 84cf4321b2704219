"""Facts about who is a person: numbers as their country's plan has them, and nothing that only looks like one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.people.person import persons
from edge.core.people.plans import MADE, PEOPLE

PRICED = ("+33", "+32", "+41", "+1", "+44", "+34", "+31", "+262")
is_person = persons(PRICED)


@pytest.mark.parametrize(
    "sender",
    [
        *("+33612345678", "+33759123456", "+33142345678", "+33972123456", "+262692123456", "+262262123456"),
        *("+32470123456", "+32460123456", "+3225551234", "+3271123456", "+3242221234"),
        *("+41791234567", "+41761234567", "+41223456789", "+41446681800"),
        *("+14165550123", "+15145550123", "+16045550123", "+12125550123"),
        *("+447400123456", "+442079460000", "+441135550123", "+441204123456", "+44120412345", "+447797712345"),
        *("+34612345678", "+34711123456", "+34912345678", "+34871123456"),
        *("+31612345678", "+31201234567"),
    ],
)
def test_a_mobile_or_a_landline_is_a_person(sender):
    """In every country that is priced here, in every length that its plan has."""
    assert is_person(sender)


@pytest.mark.parametrize("sender", ["+33639981312", "+33700123456", "+447700900001", "+14165550199", "+34799123456"])
def test_a_range_that_the_table_does_not_know_is_a_person_if_the_length_fits(sender):
    """New ranges are opened every month, and numbers for fiction are nobody's."""
    assert is_person(sender)


@pytest.mark.parametrize(
    ("kind", "sender"),
    [
        ("short code", "36184"),
        ("short code", "+33"),
        ("short code", "+3336111"),
        ("short code", "+1262966"),
        ("short code", "+4460300"),
        ("short code", "+328810"),
        ("short code", "+41939"),
        ("short code", "+34217"),
        ("word", "Free Mobile"),
        ("word", ""),
        ("premium", "+33899123456"),
        ("shared cost", "+33810123456"),
        ("toll-free", "+33800123456"),
        ("premium", "+3290012345"),
        ("premium", "+3270234567"),
        ("premium", "+41900123456"),
        ("shared cost", "+41848123456"),
        ("premium", "+19005550123"),
        ("toll-free", "+18005550123"),
        ("personal", "+15005550123"),
        ("personal", "+15335550123"),
        ("premium", "+449012345678"),
        ("premium", "+448712345678"),
        ("personal", "+447012345678"),
        ("pager", "+447640123456"),
        ("premium", "+34803123456"),
        ("shared cost", "+34902123456"),
        ("personal", "+34701234567"),
        ("machine", "+337001234567890"),
        ("machine", "+345901234567890"),
        ("machine", "+3197012345678"),
        ("nobody's first digit", "+33012345678"),
        ("nobody's first digit", "+33000000000"),
        ("nobody's first digit", "+14165"),
        ("nobody's first digit", "+41123456789"),
        ("too short", "+3361234567"),
        ("too short", "+3247012345"),
        ("too short", "+4179123456"),
        ("too short", "+1416555012"),
        ("too short", "+44740012345"),
        ("too short", "+3461234567"),
        ("too long", "+336123456789"),
        ("too long", "+330639980001"),
        ("too long", "+324701234567"),
        ("too long", "+417912345678"),
        ("too long", "+141655501234"),
        ("too long", "+4474001234567"),
        ("too long", "+346123456789"),
        ("digits of another script", "+3363998\u0661\u0662\u0663\u0664"),
        ("superscript", "+33639981\u00b2\u00b2\u00b2"),
        ("no plus sign", "33612345678"),
        ("two", "++3361234567"),
        ("space within", "+336 12345678"),
        ("line's end", "+33612345678\n"),
    ],
)
def test_what_no_person_has_is_no_person(kind, sender):
    """Short codes, words, numbers that cost more or belong to machines, and such as no plan has."""
    assert not is_person(sender), kind


@pytest.mark.parametrize("sender", ["+1234567", "+123456789012345", "+5491123456789"])
def test_where_nothing_is_priced_a_number_is_what_e_164_says(sender):
    """A plus sign and 7 to 15 digits: its country is not served anyway."""
    assert persons([])(sender)
    assert persons(["+33"])(sender)


@pytest.mark.parametrize("sender", ["+123456", "+1234567890123456", "+", "+x"])
def test_nothing_else_is_a_number_anywhere(sender):
    """Shorter are short codes, longer is nothing."""
    assert not persons([])(sender)


@pytest.mark.parametrize("prefix", ["+336", "+33612", "+3", "+33"])
def test_the_plan_is_that_of_the_calling_code_whatever_part_of_it_is_priced(prefix):
    """A price for mobiles only, or for several countries at once, brings the same plan."""
    known = persons([prefix])

    assert known("+33612345678")
    assert not known("+3361234567")


@given(st.sampled_from(sorted(PEOPLE)), st.text("0123456789", max_size=16))
def test_a_plan_alone_decides_the_numbers_of_its_code(code, digits):
    """Whatever else is priced beside it."""
    alone = re.fullmatch(PEOPLE[code], digits) is not None

    assert alone == (persons([f"+{code}"])(f"+{code}{digits}") is not None)
    assert alone == (persons(f"+{other}" for other in PEOPLE)(f"+{code}{digits}") is not None)


def test_no_calling_code_begins_another():
    """So a number has one plan."""
    assert {(a, b) for a in PEOPLE for b in PEOPLE if a != b and b.startswith(a)} == set()


def test_the_table_says_when_it_was_made():
    """An operator sees how old it is."""
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", MADE)

"""Facts about the table of who can be a person: what it is made from, and that it was made from it."""

import pytest

from edge.core.people import plans
from edge.core.people.person import persons
from loadtest.flood.mobiles import MOBILES

phonenumbers = pytest.importorskip("phonenumbers", reason="needs phonenumberslite, which pip brings with the extra dev")

from tools import plans as making  # noqa: E402 — needs the library

PEOPLE = {
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.VOIP,
}
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def test_the_table_is_what_the_command_makes():
    """`make plans` after the library was brought up to date; the day is that of the making."""
    assert making.text(plans.MADE) == making.TARGET.read_text(encoding="utf-8")


def test_the_floods_mobiles_are_what_the_command_makes():
    """Each of them is a person's number by the worker's table."""
    made = [f"+{code}{digits}" for code, digits in MOBILES.items()]

    assert making.mobiles() == making.MOBILES.read_text(encoding="utf-8")
    assert [] == [mobile for mobile in made if not persons([mobile[:2]])(mobile)]


@pytest.mark.parametrize("region", REGIONS)
def test_the_library_s_own_example_of_a_person_is_one(region):
    """Landline, mobile and internet telephone of every country, as the library writes them."""
    for kind in PEOPLE:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            assert persons([written[:2]])(written), written


@pytest.mark.parametrize("region", ["FR", "BE", "CH", "CA", "US", "GB", "ES", "DE", "NL", "RE"])
def test_the_library_s_own_example_of_another_kind_is_none(region):
    """Premium, toll-free, shared cost, personal numbers, pagers, companies and voice mail."""
    types = phonenumbers.PhoneNumberType
    others = [types.PREMIUM_RATE, types.TOLL_FREE, types.SHARED_COST, types.PERSONAL_NUMBER, types.PAGER, types.UAN, types.VOICEMAIL]  # fmt: skip
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in others]
    written = [phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.E164) for n in examples if n is not None]

    assert [] == [number for number in written if persons([number[:2]])(number)]
    assert written


def test_a_neighbour_s_range_is_no_main_country_s():
    """Under a shared calling code the first digits that are another country's hold nobody of the main one."""
    for code, by_country in plans.SHARED.items():
        main = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
        for country, digits in by_country.items():
            example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
            if example is not None and str(example.national_number).startswith(tuple(digits.split())):
                assert phonenumbers.region_code_for_number(example) != main


def test_a_plan_in_which_nobody_is_left_is_a_blank_pattern():
    """And the table leaves it out."""
    assert making.as_pattern(()) == ""
    assert making.as_pattern(dict.fromkeys("0123456789", ())) == ""

"""Made-up numbers: as long as the country's plan has them, and no two alike."""

import pytest

from loadtest.flood.phones import number, scattered, somebody


@pytest.mark.parametrize(
    ("prefix", "length"),
    [("+336", 12), ("+33", 12), ("+447", 13), ("+324", 12), ("+417", 12), ("+1", 12), ("+45", 11), ("+999", 12)],
)
def test_a_number_is_as_long_as_a_mobile_there(prefix, length):
    """With its plus sign; of no country it has eleven digits."""
    assert {length} == {len(number(prefix, suffix)) for suffix in (0, 1, 10**12 - 1)}


@pytest.mark.parametrize(
    ("prefix", "written"),
    [("+33", "+33612345678"), ("+44", "+447400123456"), ("+4", "+407"), ("+33612", "+33612345678"), ("+331", "+331")],
)
def test_somebody_has_a_number_with_the_prefix(prefix, written):
    """A mobile where the prefix allows it, otherwise as long as one."""
    assert somebody(prefix).startswith(written)
    assert len(somebody("+331")) == len(somebody("+33"))


def test_a_phase_has_ten_million_of_its_own():
    """Scattered, so that neighbours are not each other's."""
    seen = {scattered("+336", home, k) for home in range(3) for k in range(1_000)}

    assert 3_000 == len(seen)
    assert 100 < len({sender[:-4] for sender in seen})

"""Facts about the harness's own count of segments, against figures that Twilio billed and an independent library."""

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from loadtest.provider.segments import segments

_GSM = "abc €[]{}\\^~|éèùàÄÖ\n'"
_texts = st.text(_GSM, min_size=1, max_size=500) | st.text("aé€ç中😀", min_size=1, max_size=330)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("]" * 80, 1),
        ("]" * 153, 3),
        ("a" * 80 + "\r\n" + "a" * 79, 2),
        ("a" * 80 + "\n" + "a" * 79, 1),
        ("\u00e9" * 70, 1),
        ("e\u0301" * 70, 3),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("中" * 66 + "😀" * 35, 3),
    ],
)
def test_segments_are_those_that_were_billed(text, expected):
    """The cases measured at Twilio (TwilioDevEd/message-segment-calculator issues 39 and 66) and the limits of each part."""
    assert expected == segments(text)


@given(_texts)
def test_segments_equal_those_of_an_independent_library(text):
    """smsutil, written without us, splits any text into as many parts."""
    assert len(smsutil.split(text).parts) == segments(text)

"""The XML of a reply, read by a real parser."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ConfigError
from edge.providers import twiml

# Carriage returns are left out because XML reads them as line feeds; so will the provider.
CARRIED = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n")
)


@given(CARRIED)
def test_a_reply_says_its_text(text):
    """Whatever the text, a parser finds it in the one message of the response."""
    message = ET.fromstring(twiml.reply(text)).find("Message")

    assert text == (message.text or "")


@given(CARRIED)
def test_an_escaped_text_fits_into_an_attribute(text):
    """Quotes are escaped too."""
    carried = " ".join(text.split())  # attributes turn white space into blanks

    assert carried == ET.fromstring(f'<a b="{twiml.escape(carried)}"/>').get("b")


@pytest.mark.parametrize(("text", "found"), [("a\fb", "U+000C"), ("\0", "U+0000"), ("\ud800", "U+D800")])
def test_a_text_that_xml_cannot_hold_is_the_operator_s_mistake(text, found):
    """It is found out at the start, not when the reply is paid and the provider refuses it."""
    with pytest.raises(ConfigError, match=f"found {found.replace('+', '[+]')}"):
        twiml.reply(text)


def test_silence_is_a_response_without_a_message():
    """Nothing in it can be sent."""
    assert [] == list(ET.fromstring(twiml.SILENCE))

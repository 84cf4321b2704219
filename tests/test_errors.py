"""Facts about errors: what is shown to an operator stays one line, whatever their files hold."""

import pytest

from edge.errors import AntirelouError, ConfigError, LedgerDown


@pytest.mark.parametrize("kind", [AntirelouError, ConfigError, LedgerDown])
def test_an_error_is_one_line(kind):
    """What would end a line or steer a terminal is written out; everything else stays as it is."""
    assert r"déjà \n\r\x1b[2J\u2028 \ud800" == str(kind("déjà \n\r\x1b[2J\u2028 \ud800"))

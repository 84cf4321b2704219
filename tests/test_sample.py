"""The curl line that `make run` prints is a message as the provider sends it."""

import os
import subprocess
import sys

from twilio.request_validator import RequestValidator

from edge.sample import form, sign
from tests.needs import need
from tests.worker import PHONE, REPLY, SECRET, URL, config, free_port, message_id, sender, serving


def test_the_line_that_is_printed_works(tmp_path):
    """Run by a shell, the printed line gets the reply from a real worker, and the same line again the same reply.

    The address has Twilio's connection overrides, which are not signed.
    """
    need("curl")
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}").replace(URL, f"{URL}#rc=2")):
        command = [sys.executable, "-m", "edge.sample", str(tmp_path / "edge.toml")]
        environ = {**os.environ, "TWILIO_AUTH_TOKEN": SECRET}
        printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environ).stdout
        line = printed.splitlines()[1]
        answers = [
            subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout for _ in "12"
        ]

    assert [True, True] == [REPLY in answer for answer in answers]


def test_the_signature_is_the_providers():
    """The provider's own library accepts the rehearsal's signature."""
    fields = form(PHONE, sender(1), "Ça va ? & = %", message_id(1))

    assert RequestValidator(SECRET).validate(URL, fields, sign(URL, fields, SECRET))

"""A number at any provider, on either ledger, which may be taken away; workers on it come and go."""

import http.client
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager

import apsw

from edge.configfile import parse
from loadtest.flood.arrival import Arrival, Kind
from loadtest.provider.signing import Encoder
from tests.ledger.servers import any_server, listening, running
from tests.worker import SECRET, config, free_port, message_id, serving

LEDGERS = ["sqlite", "valkey"]
PATH = "/a-path-that-only-the-provider-knows"
KEY = "0123456789abcdef0123456789abcdef"


class Number:
    """A number at a provider on one of the ledgers, which may be taken away, and workers on it that come and go."""

    def __init__(self, folder, ledger, stack, provider="twilio", **fields):
        """Begin its ledger; nobody serves it yet."""
        self.file = folder / "edge.toml"
        self._folder, self._stack = folder, stack
        self.secrets = {"LEDGER_KEY": KEY, "TWILIO_AUTH_TOKEN": SECRET}
        self._server, self.text = None, config(bind=f"127.0.0.1:{free_port()}", **fields)
        if provider != "twilio":
            self.text = self.text.replace('"twilio"', f'"{provider}"').replace("/sms", PATH)
        if provider == "46elks":
            self.text = self.text.replace('secret-env = "TWILIO_AUTH_TOKEN"\n', "")
        if ledger == "valkey":
            port = free_port()
            self._server = stack.enter_context(running(any_server(), folder, *listening(port), "--save", ""))
            self.text += f'state = "."\n[ledger]\nurl = "valkey://127.0.0.1:{port}/0"\nkey-env = "LEDGER_KEY"\n'
            self.file.write_text(self.text)
            command = [sys.executable, "-m", "edge", "create-ledger", str(self.file)]
            subprocess.run(command, env={**os.environ, **self.secrets}, check=True, stdout=subprocess.DEVNULL)

    def serve(self, workers=None):
        """Return workers that serve it, as many as its file says or as are asked for."""
        text = self.text if workers is None else re.sub(r"workers = \d+", f"workers = {workers}", self.text)
        return self._stack.enter_context(serving(self._folder, text, environ=self.secrets))

    def deliver(self, worker, messages):
        """Send messages (sender, text, number) one after another over one connection, as its provider does; return status and body of each answer."""
        encode, answers = Encoder(parse(self.text), SECRET), []
        with socket.create_connection(worker.address) as client:
            for who, what, number in messages:
                client.sendall(encode(Arrival(number, 0, who, what, message_id(number), Kind.FRESH, genuine=True)))
                response = http.client.HTTPResponse(client)
                response.begin()
                answers.append((response.status, response.read()))
        return answers

    @contextmanager
    def away(self):
        """Have the ledger not answer."""
        if self._server is not None:
            self._server.pause()
            yield
            self._server.resume()
        else:
            connection = apsw.Connection(str(self._folder / "antirelou.db"))
            connection.set_busy_timeout(20_000)  # a worker may be telling
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
            connection.close()

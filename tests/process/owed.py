"""A reply that a worker owes: its charge waits for the disk, because somebody else writes to the ledger."""

import threading
from pathlib import Path

import apsw

from tests.worker import await_, message_id, sender


class Owed:
    """One message that was sent, and cannot be charged before `release`."""

    def __init__(self, worker, folder):
        self._holder = apsw.Connection(str(folder / "antirelou.db"))
        self._holder.set_busy_timeout(20_000)  # a worker may be telling
        self._holder.execute("BEGIN IMMEDIATE")
        self._answers = []
        self._waiting = threading.Thread(
            target=lambda: self._answers.append(worker.send(sender(1), "salut", message_id(1)))
        )
        self._waiting.start()
        await_(lambda: _is_connected(worker))
        assert [200] * 5 == [worker.get("/healthz")[0] for _ in range(5)]  # so the loop has read what came before

    def release(self):
        """Let the charge be written, and wait for what the client gets."""
        self._holder.execute("ROLLBACK")
        self._waiting.join()

    def decision(self):
        """Return the answers, as a status and whether there is a reply in it, and how many charges are in the ledger."""
        [(charged,)] = self._holder.execute("SELECT count(*) FROM charge")
        self._holder.close()
        return [(status, "<Message>" in body) for status, body in self._answers], charged


def _is_connected(worker):
    """Return whether somebody has a connection to the worker's port."""
    here = f":{worker.address[1]:04X} "
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(here in row.split(maxsplit=1)[1][:14] and row.split()[3] == "01" for row in rows)

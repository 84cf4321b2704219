"""A real worker whose whole cluster goes and comes back: silence, whatever its client raises, and then it answers by itself."""

import subprocess
import time
from contextlib import ExitStack

import pytest

from edge.ledger.opening import Place, create
from tests.ledger.parts import PHONE
from tests.ledger.servers import SERVERS, listening, running
from tests.ledger.test_valkey_faults import join
from tests.process.test_ledger_files import status_of
from tests.torture import rounds
from tests.worker import PROGRAM, await_, config, free_port, kill, message_id, sender, serving

ROUNDS = rounds(1, many=8)
KEY = "k" * 64
SILENT = 5
"""How many write while the cluster is away."""


def answered(worker, number):
    """Return whether a sender gets a reply; whatever happens, there is an answer with status 200."""
    status, body = worker.send(sender(number), "salut", message_id(number))
    assert 200 == status
    return "<Message>" in body


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("binary", SERVERS)
def test_a_whole_cluster_that_goes_is_met_with_silence_until_it_is_back(tmp_path, shows, binary, workers):
    """All nodes killed, workers replaced meanwhile, all nodes started: nothing is paid twice, and no traceback is written."""
    ports = [free_port() for _ in range(3)]
    seen, back_s = set(), []
    with ExitStack() as stack:
        nodes = []
        for number, port in enumerate(ports):
            (tmp_path / str(number)).mkdir()
            more = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
            nodes.append(stack.enter_context(running(binary, tmp_path / str(number), *listening(port, *more))))
        join([stack.enter_context(node.client()) for node in nodes], ports)
        url = "valkey+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports)
        create(Place(url, tmp_path, PHONE, KEY.encode(), currency="EUR"))
        text = config(bind=f"127.0.0.1:{free_port()}", workers=workers)
        text += f'[ledger]\nurl = "{url}"\nkey-env = "LEDGER_KEY"\n'
        with serving(tmp_path, text, environ={"LEDGER_KEY": KEY}) as worker:
            for round_ in range(ROUNDS):
                first = round_ * 100
                await_(lambda first=first: answered(worker, first))
                for node in nodes:
                    node.kill()
                silent = [answered(worker, first + n) for n in range(1, SILENT + 1)]
                if round_ % 2 == 0:
                    before = worker.children()
                    for pid in before:
                        kill(pid)
                    await_(
                        lambda before=before: len(set(worker.children()) - set(before)) == workers and worker.answers(),
                        60,
                    )
                silent += [answered(worker, first + n) for n in range(1, SILENT + 1)]
                done = subprocess.run(
                    [*PROGRAM, "status", str(tmp_path / "edge.toml")],
                    env={"PATH": "", "LEDGER_KEY": KEY}, capture_output=True, text=True, check=False, timeout=60,
                )  # fmt: skip
                for node in nodes:
                    node.start()
                began = time.monotonic()
                await_(lambda first=first: answered(worker, first + 1), 40)
                back_s.append(time.monotonic() - began)
                for n in range(SILENT + 1):
                    await_(lambda number=first + n: answered(worker, number))  # each worker comes back by itself
                seen |= {first + n for n in range(SILENT + 1)}
                assert [False] * 2 * SILENT == silent
                assert (2, 1) == (done.returncode, len(done.stderr.splitlines())), done.stderr
            await_(lambda: worker.get("/readyz")[0] == 200)
            status = status_of(worker)
            worker.stop()
            log = worker.log.read_text()
    shows("P3", "P4", "P8", rounds=ROUNDS, requests=ROUNDS * (3 * SILENT + 2), faults=3 * ROUNDS)
    shows(figure=f"{binary} cluster of three, {workers} workers: back in {max(back_s):.1f} s at most")

    assert len(seen) == status["replies"]
    assert "Traceback" not in log
    assert log.count("ledger_down") <= 4 * workers * ROUNDS

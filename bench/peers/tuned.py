"""Our worker with what it runs under set otherwise, to be compared: `python -m bench.peers.tuned FILE TUNING`.

TUNING is JSON: `{"batch": false, "placed": false, "runtime_threads": 2, "runtime_mode": "mt", "task_impl": "rust"}`; what it
does not name stays as `antirelou serve` has it.
"""

import sys
from pathlib import Path

import msgspec
from granian.constants import RuntimeModes, TaskImpl

from edge.serving.server import Server
from edge.system import scheduling


class Tuning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What differs."""

    batch: bool = True
    placed: bool | None = None
    """Whether each worker has a core to itself, by its number; None: where there are as many workers as cores."""
    runtime_threads: int = 1
    runtime_mode: str = "auto"
    task_impl: str = "asyncio"


class Tuned(Server):
    """Our server, tuned."""

    def __init__(self, path: Path, tuning: Tuning) -> None:
        super().__init__(path)
        self._tuning = tuning
        self.runtime_threads = tuning.runtime_threads
        self.runtime_mode = RuntimeModes(tuning.runtime_mode)
        self.task_impl = TaskImpl(tuning.task_impl)

    def _share_cores(self) -> None:
        if self._tuning.batch:
            super()._share_cores()
        self._places = self._tuning.placed is not False

    def _core_of(self, worker: int) -> int | None:
        if self._tuning.placed:
            cores = scheduling.usable_cores()
            return cores[worker % len(cores)]
        return super()._core_of(worker)


def main() -> None:
    """Serve until SIGTERM."""
    Tuned(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Tuning)).run()


if __name__ == "__main__":
    main()

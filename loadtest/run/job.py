"""A job: which flood to play, against which worker, and which part of it is one process's.

1. The leader makes it and sends it to every process, scenario and all, so all play the same flood.
2. Each process reads the worker's file and its secrets itself; secrets are never sent.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from edge.config import Config
from edge.configfile import load as load_config
from edge.errors import AntirelouError
from loadtest.engine.target import Target, find
from loadtest.flood.choice import check_numbers
from loadtest.flood.scenario import Scenario
from loadtest.flood.trace import check as check_traces
from loadtest.judge.run import Run
from loadtest.provider.credentials import origin_secret, signing_secret
from loadtest.provider.signing import Encoder

_RATE_MAX = 100_000


class JobError(AntirelouError):
    """The flood cannot be played as asked."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A flood to play; `to_dict` makes plain values of it, which travel in one of Locust's messages."""

    scenario: Scenario
    seed: int
    rate: float
    thresholds: tuple[str, ...]
    config_file: str
    """The static file of the worker under test."""
    host: str
    """The address of the worker; empty for the one that its file says."""
    i_own: str
    connections: int
    """The most that all processes open together."""
    own: bool = False
    """Whether the worker is the run's own."""
    after: int = 0
    """The messages that the worker's ledger had received before."""
    line: str = ""
    """The file that says whether the provider delivers; empty where it always does."""
    in_trial: bool = False
    """Whether it is one seed among several: a limit is held against their mean, so a breach in one of them is not the end."""
    token: str = ""
    """Tells several floods in a row apart."""
    place: int = 0
    """The place of the process that is to play it, among `of`."""
    of: int = 1

    def config(self) -> Config:
        """Return the worker's file, read. Raises ConfigError."""
        return load_config(Path(self.config_file))

    def target(self, config: Config) -> Target:
        """Return whom to attack. Raises AntirelouError."""
        if not self.host and config.server.tls_cert is not None:
            raise JobError("server.tls-cert: floods speak http without TLS; flood a worker whose file has no tls-cert")
        return find(self.host or config.server.bind, i_own=self.i_own, base=self._folder)

    def encoders(self, config: Config) -> list[Encoder]:
        """Return what turns the arrivals at each number into signed requests. Raises AntirelouError, ValueError of an unknown provider."""
        return [
            Encoder(config, signing_secret(config, self._folder, index=index), origin_secret(config), index)
            for index in range(len(config.numbers))
        ]

    def run(self, config: Config, versions: dict[str, str]) -> Run:
        """Return the run that is to be judged."""
        return Run(
            self.scenario,
            config,
            self.seed,
            self.rate,
            self.thresholds,
            self.of,
            versions,
            after=self.after,
            own=self.own,
        )

    def check(self) -> Target:
        """Return the target if all is well. Raises AntirelouError, or ValueError, if the flood could not be played."""
        config, trace = self.config(), self.scenario.trace
        if not 0 < self.rate <= _RATE_MAX:
            raise JobError(f"rate: found {self.rate:g}; write a factor above 0, such as 0.5 or 2")
        if self.connections < 1:
            raise JobError(f"connections: found {self.connections}; write a whole number from 1 on")
        if trace is not None and self.rate != 1:
            raise JobError("rate: a trace is played as it was recorded; write --speed to play it faster")
        run = self.run(config, {})
        _are_known = run.pace
        try:
            _hold = run.all_thresholds
        except ValueError as error:
            raise JobError(f"limit: {error}") from None
        self._check_prices(run)
        if trace is not None:
            self._check_traces(trace.files, config)
        check_numbers(self.scenario, len(config.numbers), self.config_file)
        self.encoders(config)
        return self.target(config)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self, enc_hook=int)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Return the job that `to_dict` described."""
        return msgspec.convert(plain, cls, dec_hook=lambda kind, value: kind(value))

    @property
    def _folder(self) -> Path:
        return Path(self.config_file).parent

    def _check_prices(self, run: Run) -> None:
        """Refuse a flood of people whom the worker may not answer, at whichever number: it would say nothing of the worker."""
        each = [set(run.config.price_at(index).reply) for index in range(len(run.config.numbers))]
        priced = sorted(set.intersection(*each))
        prefixes = [(phase, getattr(phase.senders, "prefix", "")) for phase in self.scenario.phase]
        unserved = {prefix for phase, prefix in prefixes if prefix and not _may_be_served(prefix, priced)}
        people = {prefix for phase, prefix in prefixes if phase.genuine}
        if self.scenario.trace is not None and not _may_be_served(self.scenario.trace.prefix, priced):
            unserved.add(self.scenario.trace.prefix)
            people.add(self.scenario.trace.prefix)
        if wrong := sorted(people & unserved or (unserved if len(unserved) == len(self.scenario.phase) else set())):
            raise JobError(
                f"price.reply: the people of {self.scenario.name} write from {', '.join(wrong)}, and a price is given for "
                f"{', '.join(priced)} only; give one for theirs, or play a scenario with other prefixes"
            )

    def _check_traces(self, names: tuple[str, ...], config: Config) -> None:
        if config.server.trace is not None:
            written = (self._folder / config.server.trace).resolve()
            if written in {(path if path.is_dir() else path.parent).resolve() for path in map(Path, names)}:
                raise JobError("server.trace: the worker under test writes to the folder that is played; move it away")
        check_traces(names)


def _may_be_served(prefix: str, priced: list[str]) -> bool:
    return any(prefix.startswith(price) or price.startswith(prefix) for price in priced)

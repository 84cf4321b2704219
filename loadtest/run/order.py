"""What is asked for: which flood, against which worker, and which part of it one process plays.

1. The master writes it and sends it to every process, so all play the same flood.
2. Each process reads the worker's file and its secrets itself; secrets are never sent.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from edge.config import Config, Names
from edge.configfile import load as load_config
from edge.errors import ConfigError
from loadtest.engine.target import Target, TargetError, find
from loadtest.flood.choice import choose
from loadtest.flood.file import ScenarioError
from loadtest.flood.thresholds import parse as parse_limit
from loadtest.flood.trace import TraceError
from loadtest.flood.trace import check as check_traces
from loadtest.judge.judgement import Run
from loadtest.provider.signing import Encoder

_RATE_MAX = 100_000


class OrderError(Exception):
    """The flood cannot be played as asked; the message is the one line to show."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Plain values only: it travels in one of Locust's messages."""

    scenario: str
    """A name, or the path of a file that every process can read."""
    traces: tuple[str, ...] = ()
    """Paths of what is played in its place."""
    speed: float | None = None
    """None is the scenario's own."""
    seed: int | None
    """None is the scenario's own."""
    rate: float
    limits: tuple[str, ...]
    config_file: str
    """The static file of the worker under test."""
    host: str
    """Empty: where that file says that it listens."""
    i_own: str
    connections: int
    """The most that all processes open together."""
    token: str
    """Which of several floods in a row it is."""
    place: int = 0
    of: int = 1

    def config(self) -> Config:
        """Return the worker's file, read. Raises OrderError."""
        try:
            return load_config(Path(self.config_file))
        except ConfigError as error:
            raise OrderError(str(error)) from None

    def target(self, config: Config) -> Target:
        """Return whom to attack. Raises OrderError."""
        if not self.host and config.server.tls_cert is not None:
            raise OrderError(
                "server.tls-cert: floods speak http without TLS; flood a worker whose file has no tls-cert"
            )
        try:
            return find(self.host or config.server.bind, i_own=self.i_own, base=Path(self.config_file).parent)
        except TargetError as error:
            raise OrderError(str(error)) from None

    def encoder(self, config: Config, environ: Mapping[str, str] = os.environ) -> Encoder:
        """Return what turns arrivals into signed requests. Raises OrderError."""
        return encoder_of(config, Path(self.config_file).parent, environ)

    def run(self, config: Config, versions: dict[str, str]) -> Run:
        """Return the run that is to be judged. Raises OrderError."""
        if not 0 < self.rate <= _RATE_MAX:
            raise OrderError(f"rate: found {self.rate:g}; write a factor above 0, such as 0.5 or 2")
        try:
            scenario = choose(self.scenario, self.traces, self.speed)
            for limit in self.limits:
                parse_limit(limit)
        except (ScenarioError, ValueError) as error:
            raise OrderError(str(error)) from None
        if scenario.trace is not None and self.rate != 1:
            raise OrderError("rate: a trace is played as it was recorded; write --speed to play it faster")
        seed = scenario.seed if self.seed is None else self.seed
        return Run(scenario, config, seed, self.rate, self.limits, self.of, versions)

    def check(self) -> Target:
        """Return the target if all is well. Raises OrderError if the flood could not be played."""
        config = self.config()
        trace = self.run(config, {}).scenario.trace
        if trace is not None:
            self._check_traces(trace.files, config)
        self.encoder(config)
        return self.target(config)

    def _check_traces(self, names: tuple[str, ...], config: Config) -> None:
        if config.server.trace is not None:
            written = (Path(self.config_file).parent / config.server.trace).resolve()
            if written in {(path if path.is_dir() else path.parent).resolve() for path in map(Path, names)}:
                raise OrderError(
                    "server.trace: the worker under test writes to the folder that is played; move it away"
                )
        try:
            check_traces(names)
        except TraceError as error:
            raise OrderError(str(error)) from None


def encoder_of(config: Config, base: Path, environ: Mapping[str, str]) -> Encoder:
    """Return what signs requests as a number's provider would; relative paths start at `base`. Raises OrderError."""
    secret = _first(config.number.secret_env, "number.secret-env", environ) or _in_file(config, base)
    origin_secret = _first(config.server.origin_secret_env, "server.origin-secret-env", environ)
    try:
        return Encoder(config, secret, origin_secret)
    except ValueError as error:
        raise OrderError(str(error)) from None


def _in_file(config: Config, base: Path) -> str:
    names = config.number.secret_file
    for name in [names] if isinstance(names, str) else names:
        try:
            return (base / name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise OrderError(f"number.secret-file: {name} cannot be read: {error.strerror}") from None
    return ""


def status_key(config: Config, environ: Mapping[str, str] = os.environ) -> str:
    """Return the key to the worker's status; empty if it asks for none. Raises OrderError."""
    return _first(config.server.status_key_env or [], "server.status-key-env", environ)


def _first(names: Names, where: str, environ: Mapping[str, str]) -> str:
    """Return the value of the first variable named: while secrets rotate, any of them is right."""
    for name in [names] if isinstance(names, str) else names:
        if not environ.get(name):
            raise OrderError(f"{where}: the variable {name} is not set; the flood signs as the worker's provider would")
        return environ[name]
    return ""

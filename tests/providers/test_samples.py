"""What becomes of each sample request, whoever sent it: a new provider brings a folder and no code."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS

SAMPLES = Path(__file__).parent / "samples"
USUAL = {"segments": 1, "has_media": False}
"""What most messages are, and so is not said of each."""


def requests():
    """Return provider and name of every sample."""
    return sorted((path.parent.name, path.stem) for path in SAMPLES.glob("*/*.http"))


def request(provider, name):
    """Return a sample as method, query, headers and body."""
    head, _, body = (SAMPLES / provider / f"{name}.http").read_bytes().partition(b"\n\n")
    line, *headers = head.split(b"\n")
    method, target, _ = line.split(b" ")
    pairs = (header.split(b": ", 1) for header in headers)
    return method.decode(), target.partition(b"?")[2], {key.lower(): value for key, value in pairs}, body


def number(provider):
    """Return the provider of the samples' number, and what is expected of each."""
    expected = tomllib.loads((SAMPLES / provider / "number.toml").read_text(encoding="utf-8"))
    made = PROVIDERS[provider](phone=expected["phone"], url=expected["url"], secrets=expected["secrets"])
    return made, {name: decision for name, decision in expected.items() if isinstance(decision, dict)}


@pytest.mark.parametrize(("provider", "name"), requests())
def test_a_sample_becomes_what_its_folder_says(provider, name, shows):
    """Every sample request is read as its `number.toml` says."""
    made, expected = number(provider)

    decision = made.read(*request(provider, name))
    shows("P7", rounds=1, requests=1)

    fields = {} if isinstance(decision, Reason) else msgspec.to_builtins(decision)
    got = (
        {"reason": decision.value}
        if isinstance(decision, Reason)
        else {k: v for k, v in fields.items() if v is not None}
    )
    assert (expected[name] if "reason" in got else USUAL | expected[name]) == got


@pytest.mark.parametrize(("provider", "name"), requests())
def test_a_sample_uses_a_method_that_its_provider_announces(provider, name):
    """A provider announces the methods that it uses; the rest is refused before it is read."""
    made, _ = number(provider)

    assert request(provider, name)[0] in made.methods


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_provider_has_samples(provider):
    """Every provider in the registry brings a message that is read and a request that is refused."""
    made, expected = number(provider)

    kinds = {type(made.read(*request(provider, name))) for name in expected}
    assert {Message, Reason} == kinds


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_nothing_is_expected_of_a_sample_that_is_not_there(provider):
    """Expectations and samples are the same set."""
    assert {name for folder, name in requests() if folder == provider} == set(number(provider)[1])

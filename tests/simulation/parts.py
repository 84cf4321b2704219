"""Traces as workers and floods write them, and what a file makes of them."""

import json
from hashlib import blake2b

from edge.configfile import parse
from edge.simulation.night import night_of
from edge.simulation.outcome import outcome_of
from edge.simulation.play import play
from edge.simulation.recording import recording
from edge.units import HOUR_MS
from tests.worker import config

BEGAN_MS = 1_800_000_000_000
FIELDS = ["ms", "sender", "reason", "segments", "message", "prefix", "blocks", "media", "word", "genuine"]


def head(prefixes=("+33", "+44"), floods=(), version=2):
    """Return the first line."""
    told = {"trace": "antirelou", "version": version, "fields": FIELDS, "prefixes": list(prefixes)}
    if floods:
        told["floods"] = [[BEGAN_MS + start, BEGAN_MS + end] for start, end in floods]
    return json.dumps(told).encode() + b"\n"


def hashed(name, digits=16):
    """Return something that looks like a hash."""
    return blake2b(name.encode()).hexdigest()[:digits]


def line(after_ms=0, number="+33639000001", **given):
    """Return a message as a line; without an id of its own it is like no other."""
    prefix = given.get("prefix", "+33")
    told = {
        "ms": BEGAN_MS + after_ms,
        "sender": hashed(number) if number else "",
        "reason": given.get("reason"),
        "segments": given.get("segments", 1),
        "message": given.get("message", hashed(f"{number} {after_ms}")),
        "prefix": prefix,
        "blocks": given.get("blocks", [hashed(number[:-n], 12) for n in (2, 3, 4, 5) if prefix]),
        "media": given.get("media", False),
        "word": given.get("word", ""),
        "genuine": given.get("genuine"),
    }
    return json.dumps(list(told.values())).encode() + b"\n"


def recorded(*lines, first=None, name="night"):
    """Return a recording of lines."""
    return recording(name, [(name, [first or head(), *lines])])


def night(*lines, first=None, **given):
    """Return a night of lines."""
    return night_of(recorded(*lines, first=first), **given)


def configured(old="", new="", **given):
    """Return the tests' static file with something else in it."""
    text = config(**given)
    assert old in text, old
    return parse(text.replace(old, new))


def played(*lines, first=None, config=None, **given):
    """Return what a file did with lines."""
    return play(config or configured(), night(*lines, first=first, **given))


def outcome(*lines, first=None, config=None):
    """Return what a file came to."""
    chosen, one = config or configured(), night(*lines, first=first)
    return outcome_of(chosen, one, play(chosen, one))


def flood(people=20, trolls=300, hours=24, every_ms=10_000):
    """Return the lines of people who write all day, and trolls who write from its eighth hour on."""
    told = [(n * hours * HOUR_MS // people, f"+3361{n * 7_919 % 10**7:07}", True) for n in range(people)]
    told += [(8 * HOUR_MS + n * every_ms, f"+3362{n * 7_919 % 10**7:07}", False) for n in range(trolls)]
    return [line(ms, number, genuine=genuine) for ms, number, genuine in sorted(told)]


FLOODED = head(floods=[(8 * HOUR_MS, 9 * HOUR_MS)])

"""`python -m tests.fuzz.sanitized [COUNT] [SEED]`: what is compiled reads so many forms under sanitizers, each beside the Python.

1. It is compiled anew with the address and undefined-behaviour sanitizers: what reads or writes out of bounds, uses what was
   let go, or means nothing in C, ends the run. Python's own allocator is left out of it, so that each form lies alone.
2. Forms are made of those that every provider sends, the corpus of the other hunts, and made-up ones: pieces of them are
   replaced, repeated, cut out, put into another order; ends are cut off. A seed makes the same forms again.
3. Whatever is read has to be what the Python reads, and one in a thousand what the decoder reads that goes byte by byte.
4. As many marks go into small tables, of such as meet again and of any: both have to know the same ones, and leave the same bytes.
"""

import importlib.machinery
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from bench.arguments import Parser, at_least_one
from edge.core.seen import knocks, sightings
from edge.core.seen.knocks import note_in_python
from edge.core.seen.sightings import see_in_python
from edge.providers.forms import parse_in_python
from tests.fuzz.corpus import FORMS
from tests.fuzz.test_forms import PIECES, REAL, joined, slowly
from tests.providers.test_samples import request, requests
from tools.compile import SANITIZED, compile_into, compiler

COUNT, SEED = 100_000, 1
WORDS = [bytes([piece]) if isinstance(piece, int) else piece for piece in PIECES]
WORDS += [b"%", b"%4", b"%4g", b"%%", b"+", b"&&", b"a=1", b"=%ff", b"&a", b"\xff", b"Body=%F0%9F%98%80", b"%\r\n41"]
WANTED = (b"From", b"To", b"Body", b"Text", b"MessageSid", b"MessageUUID", b"id", b"a", b"", b"A", b"Nobody")
LONG_BYTES = 4_000
MUTANTS = 50
SLOWLY_EVERY = 1_000
SAID_EVERY = 1_000_000
NOTED = 500
"""Marks in one pair of tables."""
INSTANTS = (0, 1, 2, 5, knocks.FORGOTTEN_MS, 3 * knocks.FORGOTTEN_MS, (1 << 47) - 1)


def real_forms():
    """Return the forms and queries of all samples, and whatever broke somebody's parser."""
    sampled = [part for provider, name in requests() for part in request(provider, name)[1::2]]
    return [form for form in dict.fromkeys([REAL, *sampled, *FORMS]) if form]


def made_up(chance):
    """Return a form that nobody would send."""
    kind = chance.random()
    if kind < 0.3:
        return chance.randbytes(chance.randrange(64))
    if kind < 0.9:
        return b"".join(chance.choices(WORDS, k=chance.randrange(40)))
    names = chance.sample(range(1_000), chance.randrange(120, 136))
    return b"&".join(b"%s%d=%d" % (chance.choice(WORDS[:2]), name, name) for name in names)


def mutated(chance, form):
    """Return a form of which something was replaced, repeated, moved, cut out or cut off."""
    kind, at, length = chance.getrandbits(3), int(chance.random() * (len(form) + 1)), chance.getrandbits(3)
    end = at + length
    if kind == 0:
        return form[:at]
    if kind == 1:
        return form[at:]
    if kind == 2:
        return form[:at] + form[end:]
    if kind == 3:
        return form[:end] + form[at:]
    if kind == 4:
        return form[at:] + b"&" + form[:at]
    if kind == 5:
        return form[:at] + chance.randbytes(length) + form[end:]
    return form[:at] + WORDS[int(chance.random() * len(WORDS))] + form[end:]


def made(chance):
    """Make forms without end: now and then a real one or a made-up one, and what becomes of it in a few steps, or in more."""
    forms = real_forms()
    short = [form for form in forms if len(form) < LONG_BYTES]
    while True:
        kind = chance.random()
        form = made_up(chance) if kind < 0.3 else chance.choice(forms if kind < 0.32 else short)
        for _ in range(MUTANTS if len(form) < LONG_BYTES else 1):
            mutant = form
            for _ in range(1 + chance.getrandbits(1) * chance.getrandbits(3)):
                mutant = mutated(chance, mutant)
            yield mutant
        yield form


def hunt(read, count, seed):
    """Read so many forms, and return how many of them were usual. Raises AssertionError with the form that is read differently."""
    usual, began = 0, time.monotonic()
    for nth, form in enumerate(islice(made(random.Random(seed)), count), 1):
        found = read(form, WANTED)
        if found is not None:
            usual += 1
            python = parse_in_python(form, sorted, WANTED)
            assert found == (python.signed, python.values), form
            assert not python.contradictory, form
            assert nth % SLOWLY_EVERY or found[0] == joined(sorted(slowly(form))), form
        if nth % SAID_EVERY == 0:
            sys.stdout.write(f"{nth:,} forms after {time.monotonic() - began:.0f} s, {usual:,} of them usual\n")
            sys.stdout.flush()
    return usual


def hunt_rows(rows, count, seed):
    """Note so many marks in tables of one row and of a few, and return how many were known. Raises AssertionError."""
    chance, known = random.Random(seed), 0
    for start in range(0, count, NOTED):
        rows_of_one = 1 << chance.randrange(3)
        often = [chance.randbytes(8) for _ in range(12 * rows_of_one)] + [bytes(8), b"\xff" * 8, bytes(7) + b"\1"]
        seen, written = (
            (bytearray(rows_of_one * size), bytearray(rows_of_one * size))
            for size in (sightings.ROW_BYTES, knocks.ROW_BYTES)
        )
        for _ in range(min(NOTED, count - start)):
            mark = chance.choice(often) if chance.random() < 0.9 else chance.randbytes(8)
            terms = chance.choice(INSTANTS), chance.randrange(4), chance.randrange(6)
            found = rows.see(seen[0], mark), rows.note(written[0], mark, *terms)
            python = see_in_python(memoryview(seen[1]), mark), note_in_python(memoryview(written[1]), mark, *terms)
            assert (found, seen[0], written[0]) == (python, seen[1], written[1]), (mark, terms)
            known += found[0]
    return known


def load(file):
    """Return the module that is compiled in a file."""
    name = Path(file).name.partition(".")[0]
    loader = importlib.machinery.ExtensionFileLoader(name, file)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def library(name):
    """Return the path of a library of the compiler's."""
    asked = subprocess.run([*compiler(), f"-print-file-name={name}"], check=True, capture_output=True, text=True)
    return asked.stdout.strip()


def main(arguments):
    """Compile, and hunt in a program of its own, into which the sanitizers are loaded first."""
    parser = Parser(prog="python -m tests.fuzz.sanitized", description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=at_least_one, default=COUNT)
    parser.add_argument("seed", nargs="?", type=int, default=SEED)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        files = compile_into(Path(folder), SANITIZED)
        environ = os.environ | {
            "LD_PRELOAD": f"{library('libasan.so')} {library('libubsan.so')}",
            "ASAN_OPTIONS": "detect_leaks=0:malloc_context_size=1",  # Python itself lets go of little when it ends
            "UBSAN_OPTIONS": "print_stacktrace=1",
            "PYTHONMALLOC": "malloc",
        }
        numbers = str(given.count), str(given.seed)
        command = [sys.executable, "-m", "tests.fuzz.sanitized", "--here", *map(str, files), *numbers]
        return subprocess.run(command, env=environ, check=False).returncode


def here(forms, rows, count, seed):
    """Hunt in this program, and say what it came to."""
    began = time.monotonic()
    usual, known = hunt(load(forms).read, count, seed), hunt_rows(load(rows), count, seed)
    sys.stdout.write(
        f"{count:,} forms of seed {seed}, {usual:,} of them usual, and as many marks, {known:,} of them known, in "
        f"{time.monotonic() - began:.0f} s: the same as in Python, and the sanitizers are silent\n"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        here(*sys.argv[2:4], *map(int, sys.argv[4:]))
    else:
        sys.exit(main(sys.argv[1:]))

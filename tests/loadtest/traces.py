"""Traces as workers write them."""

import json

HEAD = (
    '{"trace":"antirelou","version":2,"fields":["ms","sender","reason","segments","message","prefix","blocks","media",'
    '"word","genuine"],"prefixes":["+33"]}\n'
)
HEAD_BEFORE = '{"trace":"antirelou","version":1,"fields":["ms","sender","reason","segments"]}\n'
CUT = '{"cut":"more was met than is recorded here"}\n'
PAUL, MARC, JEAN = ("0123456789abcdef", "fedcba9876543210", "00000000000000aa")
BEGAN_MS = 1_800_000_000_000


def line(after_ms=0, sender=PAUL, reason="answered", segments=1, *, message="", genuine=None, word=""):
    """Return one message as a line."""
    met = [BEGAN_MS + after_ms, sender, reason, segments, message, "+33", [], False, word, genuine]
    return json.dumps(met) + "\n"


def line_before(*given):
    """Return one request as a line of version 1."""
    return json.dumps(json.loads(line(*given))[:4]) + "\n"


def write(path, *lines, head=HEAD):
    """Write a trace, and return its path."""
    path.write_text(head + "".join(lines), encoding="utf-8", errors="surrogateescape")
    return str(path)

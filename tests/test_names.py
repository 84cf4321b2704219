"""Facts about the names in `edge/`: one class name means one thing."""

import ast
from collections import defaultdict

from tests import ROOT

TABLE = "the table of the static file, and what it is about"
TWICE = {
    ("Alert", "edge/config/alert.py", "edge/core/alerting/alert.py"): TABLE,
    ("Ledger", "edge/config/ledger.py", "edge/core/charging/ledger.py"): TABLE,
    ("Limit", "edge/config/limit.py", "edge/core/limits/limit.py"): TABLE,
    ("Looked", "edge/ledger/sqlite_look.py", "edge/ledger/valkey_look.py"): "the same of either ledger",
    ("Page", "edge/web/buttonpage.py", "edge/web/publicpage.py"): "each is the page that its file is about",
    ("Receiving", "edge/config/receiving.py", "edge/core/wire/receiving.py"): TABLE,
    ("Reply", "edge/config/reply.py", "edge/simulation/play.py"): TABLE,
    ("Server", "edge/config/server.py", "edge/serving/server.py"): TABLE,
    ("Twilio", "edge/api/twilio.py", "edge/providers/twilio.py"): "one company: what it is asked, and what it sends",
    ("_Number", "edge/api/twilio.py", "edge/simulation/lookout.py"): "private, each to its file",
}
"""A name, the files that have a class of it, and why they may."""


def test_two_classes_have_the_same_name_only_where_it_is_said_why():
    """Whoever reads a name knows which class it is; what is said of a name that is gone, or stands elsewhere, fails as well."""
    files = defaultdict(list)
    for path in sorted((ROOT / "edge").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                files[node.name].append(str(path.relative_to(ROOT)))

    assert sorted(TWICE) == sorted((name, *where) for name, where in files.items() if len(where) > 1)

"""Facts about the schema that editors read: it holds every key, and none that the program refuses."""

import json

from docs.schema import draw
from tests.test_config import keys

SCHEMA = json.loads(draw())


def names(schema, path=""):
    """Yield the dotted names of all keys tables included."""
    for name, value in schema["properties"].items():
        at = f"{path}{name}"
        table = next((kind for kind in value.get("anyOf", []) if "properties" in kind), value.get("items", value))
        yield at
        if "properties" in table:
            yield from names(table, f"{at}.")


def test_it_has_every_key_and_no_other():
    """Those of the static file; an unknown one is refused in every table."""
    assert sorted(keys()) == sorted(names(SCHEMA))
    assert json.dumps(SCHEMA).count('"properties"') == json.dumps(SCHEMA).count('"additionalProperties": false')


def test_money_and_durations_are_text_and_counts_have_bounds():
    """As the program reads them."""
    limit = SCHEMA["properties"]["limit"]["properties"]["sender"]["properties"]

    assert ["number", "reply", "price", "budget"] == SCHEMA["required"]
    assert {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1} == limit["count"]
    assert ("string", "string") == (
        limit["period"]["type"],
        SCHEMA["properties"]["budget"]["properties"]["kitty"]["type"],
    )

"""The shape of the static file as a JSON schema, for editors that complete keys and underline mistakes."""

import json
from typing import Any

from msgspec import inspect

from edge.config import Config
from edge.units import Micros, Millis

_AS_TEXT: dict[type, dict[str, Any]] = {
    Micros: {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,6}0*)?$"},
    Millis: {"type": "string", "pattern": "^([0-9]{1,9}(ms|s|m|h|d))+$"},
}

_PLAIN = {inspect.StrType: "string", inspect.BoolType: "boolean", inspect.FloatType: "number"}


def draw() -> str:
    """Return the schema, as it stands in the file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "antirelou's static file"}
    return json.dumps(head | _schema(inspect.type_info(Config)), ensure_ascii=False, indent=2) + "\n"


def _schema(kind: inspect.Type) -> dict[str, Any]:
    """Return the schema of one kind of value."""
    match kind:
        case inspect.StructType():
            return _table(kind)
        case inspect.UnionType():
            some = [_schema(one) for one in kind.types if not isinstance(one, inspect.NoneType)]
            return some[0] if len(some) == 1 else {"anyOf": some}
        case inspect.ListType():
            return {"type": "array", "items": _schema(kind.item_type)}
        case inspect.DictType():
            return {"type": "object", "additionalProperties": _schema(kind.value_type)}
        case inspect.CustomType():
            return _AS_TEXT[kind.cls]
        case inspect.IntType():
            return {"type": "integer", "minimum": kind.ge, "maximum": kind.le}
        case inspect.DateType():
            return {"type": "string", "format": "date"}
    if type(kind) in _PLAIN:
        return {"type": _PLAIN[type(kind)]}
    raise TypeError(f"{kind}: a kind of value that the schema does not know")


def _table(kind: inspect.StructType) -> dict[str, Any]:
    properties = {field.encode_name: _schema(field.type) | _default(field) for field in kind.fields}
    return {
        "type": "object",
        "description": (kind.cls.__doc__ or "").strip(),
        "properties": properties,
        "required": [field.encode_name for field in kind.fields if field.required],
        "additionalProperties": False,
    }


def _default(field: inspect.Field) -> dict[str, Any]:
    default = field.default
    plain = isinstance(default, str | bool) or type(default) is int
    return {"default": default} if plain else {}

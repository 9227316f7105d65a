"""Say in words what fits a setting, from its type alone; so a message cannot drift from the check. Pure."""

from typing import Any

from msgspec import inspect


def what_fits(hint: Any, *, of_one: bool = False) -> str:
    """Return what must stand there, to follow "must be"; `of_one`: for one item of a list."""
    kind = inspect.type_info(hint)
    return _words((_item(kind) or kind) if of_one else kind)


def _item(kind: inspect.Type) -> inspect.Type | None:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return next((one.item_type for one in kinds if isinstance(one, inspect.VarTupleType)), None)


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata(type=inner, extra_json_schema=extra):
            return str((extra or {}).get("description") or _words(inner))
        case inspect.UnionType(types=several):
            return " or ".join(_words(part) for part in several if not isinstance(part, inspect.NoneType))
        case inspect.LiteralType(values=values):
            return " or ".join(f'"{value}"' for value in values)
        case inspect.VarTupleType(item_type=item, min_length=least):
            return f"a list{' of one at least' if least else ''}, each {_words(item)}"
        case inspect.IntType() | inspect.FloatType():
            return _number(kind)
        case inspect.StrType():
            return _text(kind)
        case inspect.CustomType():
            return "text in quotes, not empty"
        case inspect.BoolType():
            return "true or false"
        case _:
            return "a table"


def _number(kind: inspect.IntType | inspect.FloatType) -> str:
    bounds = [
        f"above {kind.gt:_}" if kind.gt is not None else "",
        f"{kind.ge:_} at least" if kind.ge is not None else "",
        f"{kind.le:_} at most" if kind.le is not None else "",
    ]
    noun = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
    return ", ".join([noun, *filter(None, bounds)])


def _text(kind: inspect.StrType) -> str:
    bounds = [
        f"{kind.min_length} characters at least" if kind.min_length is not None else "",
        f"{kind.max_length} at most" if kind.max_length is not None else "",
    ]
    return ", ".join(["text", *filter(None, bounds)])

"""Read what is written under the fields of a struct.

Python keeps no docstrings of attributes, so this asks the source; it must be at hand.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import msgspec


@cache
def field_docstrings(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return the docstring of each field that has one, those of the bases among them."""
    bases = [base for base in reversed(kind.__mro__) if issubclass(base, msgspec.Struct) and base is not msgspec.Struct]
    return {name: text for base in bases for name, text in _own(base)}


def docstring(kind: type[msgspec.Struct]) -> str:
    """Return the docstring of the struct itself."""
    return unwrapped(inspect.getdoc(kind) or "")


def _own(kind: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    source = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    for field, below in pairwise(ast.iter_child_nodes(source)):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, unwrapped(inspect.cleandoc(text))
            case _:
                pass


def unwrapped(text: str) -> str:
    """Return prose with each paragraph on one line, as Markdown readers like it."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))

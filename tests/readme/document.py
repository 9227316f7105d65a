"""Take a Markdown document apart: headings, fenced blocks, tables and numbered lists, in their order. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}

_HEADING = re.compile(r"(#+) (.+)")
_ROW = re.compile(r" *\|(.*)\|")
_RULE = re.compile(r"[\s|:-]+")
_ITEM = re.compile(r" *(\d+)\. (.+)")
_CODE = re.compile(r"`+ ?(.+?) ?`+")


class Heading(NamedTuple):
    """A heading and its level."""

    level: int
    words: str


class Fence(NamedTuple):
    """A fenced block: its language, what else stands behind that, and what is in it."""

    language: str
    about: str
    text: str


class Table(NamedTuple):
    """A table: its rows with their cells, the head first."""

    rows: list[list[str]]


class Item(NamedTuple):
    """The first line of an item of a numbered list."""

    number: int
    words: str


Part = Heading | Fence | Table | Item


def parts(text: str) -> Iterator[Part]:
    """Yield what a document is made of; prose is left out."""
    lines = iter([*text.splitlines(), ""])
    rows: list[list[str]] = []
    for line in lines:
        if row := _ROW.fullmatch(line):
            if not _RULE.fullmatch(line):
                rows.append([cell.strip() for cell in row[1].split(" | ")])
            continue
        if rows:
            yield Table(rows)
            rows = []
        if line.startswith("```"):
            language, _, about = line[3:].partition(" ")
            yield Fence(language, about, _fenced(lines))
        elif found := _HEADING.fullmatch(line):
            yield Heading(len(found[1]), found[2])
        elif item := _ITEM.fullmatch(line):
            yield Item(int(item[1]), item[2])


def _fenced(lines: Iterator[str]) -> str:
    inside = []
    for line in lines:
        if line == "```":
            break
        inside.append(line + "\n")
    return "".join(inside)


def fences(text: str, language: str, about: str | None = None) -> list[Fence]:
    """Return the fenced blocks of a language."""
    found = [part for part in parts(text) if isinstance(part, Fence) and part.language == language]
    return [fence for fence in found if about is None or fence.about == about]


def table(text: str, first_cell: str) -> list[list[str]]:
    """Return the rows below the head of the one table whose head, or first row, begins with this cell."""
    tables = [part.rows for part in parts(text) if isinstance(part, Table)]
    (rows,) = [rows[1:] for rows in tables if first_cell in (rows[0][0], rows[1][0])]
    return rows


def code(cell: str) -> list[str]:
    """Return what stands in a cell, or a text, as code."""
    return _CODE.findall(cell)

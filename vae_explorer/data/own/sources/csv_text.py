"""Reads a table of texts: delimiter, encoding and header are found out."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from vae_explorer.errors import UserError

_DELIMITERS = ",;\t|"
_LOOKED_AT = 20  # lines that tell the delimiter
_MOST_BYTES = 1 << 30
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, each with a text for each row."""

    columns: dict[str, list[str]]
    lines: tuple[int, ...]  # the line of each row in the file

    def __len__(self) -> int:
        return len(self.lines)


def read_table(path: Path) -> Table:
    """Read the table in file `path`. The first row names the columns; rows may be shorter.

    Raises `UserError` if the file is no table.
    """
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise UserError(f"{path} cannot be read as a table: line {reader.line_num}: {error}") from error
    if not rows:
        raise UserError(f"{path} is an empty table; give a row with names, and a row for each image")
    names = _unique([cell.strip() for cell in rows[0]])
    columns = {name: [row[place] if place < len(row) else "" for row in rows[1:]] for place, name in enumerate(names)}
    return Table(columns, tuple(lines[1:]))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserError(f"{path} is too large for a table: at most {_MOST_BYTES:,} bytes are possible")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}; check its permissions") from error
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # what spreadsheets write in Western Europe


def _delimiter(text: str) -> str:
    """Return the delimiter that parts the first lines into most columns, the same number in most lines."""
    head = "".join(text.splitlines(keepends=True)[:_LOOKED_AT])
    best, most = ",", (0, 0)
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, times = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        if width > 1 and (times, width) > most:
            best, most = delimiter, (times, width)
    return best


def _unique(names: list[str]) -> list[str]:
    """Return `names` with numbers behind repeated names, and names for empty names."""
    seen: Counter[str] = Counter()
    unique = []
    for place, name in enumerate(names):
        name = name or f"column {place + 1}"
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return unique

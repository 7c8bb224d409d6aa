"""What the texts of a table mean: categories, numbers with units, texts, and values that are missing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_explorer.data.columns import Column, ColumnKind, Columns, Texts
from vae_explorer.data.own.labels import NO_COLUMN, column_of, columns_of
from vae_explorer.data.own.reading import size_of
from vae_explorer.errors import UserError

CATEGORICAL, CONTINUOUS, TEXT = ColumnKind.CATEGORICAL, ColumnKind.CONTINUOUS, ColumnKind.TEXT


@pytest.mark.parametrize(
    ("name", "texts", "kind"),
    [
        ("class", ["1", "10", "2"], CATEGORICAL),
        ("Label", ["a", "b", "c"], CATEGORICAL),
        ("site", ["A", "B"] * 3, CATEGORICAL),
        ("smiling", ["-1", "1"] * 3, CATEGORICAL),
        ("stage", ["1", "2", "3", ""] * 4, CATEGORICAL),
        ("year", [str(year) for year in range(1990, 2020)], CONTINUOUS),
        ("age [years]", ["20", "30"] * 5, CONTINUOUS),
        ("size", ["1.5", "2.5"] * 5, CONTINUOUS),
        ("length", ["1,5", "2,5", "3"] * 5, CONTINUOUS),
        ("note", ["<b>n</b>"] * 9, TEXT),
        ("name", ["Anna", "Ben", "Carla"], TEXT),
        ("nothing", ["", "NA", "nan"], TEXT),
        ("dates", ["2020-01-01", "2020-01-02"], TEXT),
    ],
)
def test_that_the_kind_of_a_column_is_found_out(name: str, texts: Sequence[str], kind: ColumnKind) -> None:
    assert column_of(name, texts).kind is kind


def test_that_categories_are_sorted_as_people_count() -> None:
    column = column_of("class", ["10", "9", "", "1", "NA", "9"])
    assert column.names == ("1", "9", "10")
    assert column.values.tolist() == [2, 1, -1, 0, -1, 1]  # type: ignore[union-attr]
    assert column.missing == 2
    assert column_of("class", ["b10", "B9", "a"]).names == ("a", "B9", "b10")


def test_that_categories_of_thousands_of_digits_are_sorted() -> None:
    large, larger = "a" + "9" * 4_999, "a1" + "0" * 4_999
    assert column_of("class", [larger, "a2", large, "a10"]).names == ("a2", "a10", large, larger)


def test_that_numbers_have_a_range_a_unit_and_missing_values() -> None:
    column = column_of("age [years]", ["20.5", "", "41", "n/a", "inf"])
    assert (column.name, column.unit, column.range, column.missing) == ("age", "years", (20.5, 41.0), 3)
    assert column_of("length (mm)", ["1,5", "-2,25", "3"]).values.tolist() == [1.5, -2.25, 3.0]  # type: ignore[union-attr]


def test_that_a_column_without_numbers_has_no_range() -> None:
    column = column_of("age", ["", ""], CONTINUOUS)
    assert column.range is None
    assert column.missing == 2


def test_that_half_characters_become_names_that_a_model_file_can_hold() -> None:
    assert column_of("class", ["a\udcff", "b"]).names == ("a?", "b")


@given(st.lists(st.text()))
def test_that_texts_come_back(texts: list[str]) -> None:
    held = Texts.of([text.encode(errors="replace").decode() for text in texts])
    assert list(held) == [text.encode(errors="replace").decode() for text in texts]
    assert held[1:3] == list(held)[1:3]
    assert Column("note", TEXT, held).missing == sum(not text for text in texts)


@given(st.lists(st.one_of(st.just(""), st.text(max_size=3), st.floats().map(str), st.integers().map(str)), min_size=1))
def test_that_any_texts_are_a_column_with_a_value_for_each_image(texts: list[str]) -> None:
    column = column_of("any", texts)
    assert len(column) == len(texts)
    rows = np.arange(len(texts))[::-1]
    assert column.rows(rows).rows(rows) == column
    if column.kind is CONTINUOUS:
        assert [math.isnan(value) for value in column.values] == [not math.isfinite(_number(text)) for text in texts]  # type: ignore[arg-type]


def _number(text: str) -> float:
    return float(text.replace(",", ".")) if text.strip() else math.nan


LABELS = {"site": ["A", "B"] * 4, "age [years]": ["1", "2"] * 4, "species": ["cat", "dog"] * 4, "id": list("abcdefgh")}


@pytest.mark.parametrize(
    ("labels", "wanted", "expected"),
    [
        (LABELS, None, "species"),
        (LABELS, "site", "site"),
        (LABELS, "age", "age [years]"),
        (LABELS, "id", "id"),
        (LABELS, NO_COLUMN, None),
        ({"site": LABELS["site"], "id": LABELS["id"]}, None, "site"),
        ({"site": LABELS["site"], "other": LABELS["site"]}, None, None),
        ({}, None, None),
    ],
)
def test_that_one_column_or_none_is_the_class(labels: dict[str, list[str]], wanted: str | None, expected: str | None) -> None:
    columns = columns_of(labels, {}, None, wanted)
    assert columns.class_name == expected
    assert (columns.the_class is None) == (expected is None)
    if columns.the_class is not None:
        assert columns.the_class.kind is CATEGORICAL


def test_that_kinds_can_be_asked_for() -> None:
    assert columns_of(LABELS, {}, None, asked={"age": CATEGORICAL, "id": TEXT})["age [years]"].kind is CATEGORICAL
    with pytest.raises(UserError, match="column site holds values that are no numbers"):
        columns_of(LABELS, {}, None, asked={"site": CONTINUOUS})
    with pytest.raises(UserError, match="there is no column 'dogs'; known: site, age"):
        columns_of(LABELS, {}, None, asked={"dogs": TEXT})


def test_that_too_many_classes_are_refused() -> None:
    with pytest.raises(UserError, match="has 32,769 values, and at most 32,768 classes are possible"):
        columns_of({"id": [str(number) for number in range(32_769)]}, {}, None, "id")


def test_that_an_unknown_column_is_named_with_those_there_are() -> None:
    columns = Columns((column_of("site", ["A", "B"] * 2),))
    with pytest.raises(UserError, match="there is no column 'age'; known: site"):
        columns["age"]


def test_that_missing_values_are_a_last_class_and_have_no_text() -> None:
    column = column_of("class", ["cat", "", "dog"])
    assert (column.classes, column.labels.tolist(), column.labels.dtype) == (("cat", "dog", "unknown"), [0, 2, 1], np.uint8)
    assert [column.text(row) for row in range(3)] == ["cat", "", "dog"]
    assert column_of("class", ["a", "b"]).classes == ("a", "b")
    many = column_of("class", [str(number) for number in range(256)] + [""])
    assert (many.labels.dtype, int(many.labels[-1])) == (np.uint16, 256)


def test_that_numbers_are_written_with_their_unit() -> None:
    assert [column_of("age [years]", ["20.5", "", "1234567"]).text(row) for row in range(3)] == [
        "20.5 years",
        "",
        "1.23457e+06 years",
    ]


@pytest.mark.parametrize("text", ["9" * 5000, "9" * 5000 + "x8", "8x8x8", "", "x8"])
def test_that_a_size_is_refused_in_a_short_line(text: str) -> None:
    with pytest.raises(UserError, match="is no size; write 64x48") as refused:
        size_of(text)
    assert len(str(refused.value)) < 200

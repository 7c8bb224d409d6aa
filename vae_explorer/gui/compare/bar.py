"""The bar below maps side by side: choices for all maps, path controls, and the models' metrics in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from vae_explorer.gui.compare.comparable import MetricRow
from vae_explorer.gui.features.path.controls import PathControls
from vae_explorer.gui.kit.class_strip import ClassStrip
from vae_explorer.gui.kit.flow_layout import FlowLayout
from vae_explorer.gui.kit.plain import fitted
from vae_explorer.gui.kit.widgets import ElidedLabel, choice_box, label
from vae_explorer.gui.runtime.guarded import Guarded

BY_Z, BY_IMAGE = "z", "image"
BY_CLASS = -1  # in place of a model's index
_MARGIN, _SCROLL_BAR = 16, 10  # pixels
_DIFFERENCE_WIDTH, _LINE_GAP, _NAME_ROOM = 136, 2, 180  # pixels


class CompareBar(Guarded, QFrame):
    cursor_chosen = Signal(str)  # BY_Z, BY_IMAGE
    plane_chosen = Signal(int)  # the index of the model whose plane colours the codes, or BY_CLASS
    colour_chosen = Signal(str)  # a choice of `CodeColours`
    views_toggled = Signal(bool)
    close_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compareBar")
        self.setProperty("role", "bar")
        cursors = ((BY_Z, self.tr("Same z")), (BY_IMAGE, self.tr("Same image")))
        self._cursor = choice_box("compareCursor", self.tr("What the cursors on all maps have in common"), cursors)
        self._colour = choice_box("compareColour", self.tr("What the colours of the codes show"))
        self._views = QCheckBox(self.tr("Link views"))
        self._views.setObjectName("compareViews")
        self._views.setToolTip(self.tr("Zoom and pan all maps together"))
        self._views.setChecked(True)
        self._note = ElidedLabel("muted", "compareNote")
        self._close = QPushButton(self.tr("Close comparison"))
        self._close.setObjectName("compareClose")
        self.path_controls, self.classes = PathControls(), ClassStrip()
        self._table_area = QScrollArea()  # a wide table does not widen the window
        self._table: QWidget | None = None
        self._differences: list[ElidedLabel] = []
        self._least_table_height = 0
        self._lay_out()
        self._connect()
        self.set_colours([], {})

    def set_colours(self, models: Sequence[str], others: Mapping[str, str], has_classes: bool = True) -> None:
        """Offer the classes or one colour, the planes of the models, and others: titles by choice."""
        chosen = self._colour.currentData()
        with QSignalBlocker(self._colour):
            self._colour.clear()
            self._colour.addItem(self.tr("By class") if has_classes else self.tr("One colour"), BY_CLASS)
            for index, name in enumerate(models):
                self._colour.addItem(self.tr("By place in {}").format(fitted(self._colour, name, _NAME_ROOM)), index)
            for by, title in others.items():
                self._colour.addItem(self.tr("By {}").format(fitted(self._colour, title, _NAME_ROOM)), by)
        self.set_colour(chosen)

    def set_colour(self, by: int | str | None) -> None:
        """Show the index of a model, a choice of `CodeColours`, or BY_CLASS, also for a choice that is not offered."""
        with QSignalBlocker(self._colour):
            self._colour.setCurrentIndex(max(self._colour.findData(by), 0))

    def _on_colour_chosen(self) -> None:
        by = self._colour.currentData()
        if isinstance(by, str):
            self.colour_chosen.emit(by)
        else:
            self.plane_chosen.emit(by)

    def reserve(self, models: int) -> None:
        """Keep room for the rows of `models` models, so that the maps keep their size when the rows come."""
        self._least_table_height = (models + 1) * (self.fontMetrics().height() + _LINE_GAP)
        if self._table is not None:
            self._table.setMinimumHeight(self._least_table_height)
        self._fit_table()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_table()

    def _fit_table(self) -> None:
        """Make the area as high as the table and, for a table wider than the bar, its scroll bar."""
        table = self._table.minimumSizeHint() if self._table is not None else QSize()
        scrolls = table.width() > self.width() - 2 * _MARGIN
        self._table_area.setFixedHeight(max(table.height(), self._least_table_height) + (_SCROLL_BAR if scrolls else 0))

    def set_views_linked(self, linked: bool) -> None:
        """Tick the box as a person would: `views_toggled` follows."""
        self._views.setChecked(linked)

    def set_note(self, text: str) -> None:
        """Say in a line what is not linked, and why."""
        self._note.set_text(text)

    def set_metrics(self, columns: Sequence[str], rows: Sequence[MetricRow]) -> None:
        """Show a row a model below the titles `columns`. `set_pixel_differences` fills the column before them."""
        table = QWidget()
        table.setMinimumHeight(self._least_table_height)
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(_LINE_GAP)
        grid.setColumnMinimumWidth(1, _DIFFERENCE_WIDTH)
        grid.setColumnStretch(len(columns) + 2, 1)
        for column, title in enumerate((self.tr("picture at the cursor"), *columns), start=1):
            grid.addWidget(label("muted", title), 0, column)
        self._differences = []
        for number, row in enumerate(rows, start=1):
            self._add_row(grid, number, row)
        self._table = table
        self._table_area.setWidget(table)  # Qt deletes the table before
        self._fit_table()

    def _add_row(self, grid: QGridLayout, number: int, row: MetricRow) -> None:
        """Add the lines of a model: one, or two for its own metrics and the reason."""
        line = grid.rowCount()
        model = ElidedLabel("", f"compareModel{number}", room=_NAME_ROOM)
        model.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        model.set_text(row.model)
        difference = ElidedLabel("", f"compareDifference{number}")
        self._differences.append(difference)
        grid.addWidget(model, line, 0)
        grid.addWidget(difference, line, 1)
        for column, text in enumerate(row.cells, start=1):
            grid.addWidget(label("", text, f"compareMetric{number}.{column}"), line, column + 1)
        words = [("", "compareOwn", row.own), ("muted", "compareReason", row.reason)]
        for below, (role, name, text) in enumerate(each for each in words if each[2]):
            words_label = ElidedLabel(role, f"{name}{number}")
            words_label.set_text(text)
            grid.addWidget(words_label, line + below, 2, 1, -1)

    def set_pixel_differences(self, texts: Sequence[str]) -> None:
        """Show a text a model on the picture at the cursor."""
        for difference, text in zip(self._differences, texts, strict=False):
            difference.set_text(text)

    def _lay_out(self) -> None:
        self._note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        first, second = FlowLayout(across=16), FlowLayout(across=24)
        pairs = (_titled(self.tr("Cursor"), self._cursor), _titled(self.tr("Colour"), self._colour))
        for widget in (*pairs, self._views, self._note, self._close):
            first.addWidget(widget)
        for widget in (self.path_controls, self.classes):
            second.addWidget(widget)
        self._table_area.setObjectName("compareMetrics")
        self._table_area.setWidgetResizable(True)
        self._table_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._table_area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._table_area.setFixedHeight(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 6, _MARGIN, 8)
        layout.setSpacing(6)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addWidget(self._table_area)

    def _connect(self) -> None:
        self._cursor.currentIndexChanged.connect(lambda _: self.cursor_chosen.emit(self._cursor.currentData()))
        self._colour.currentIndexChanged.connect(self._on_colour_chosen)
        self._views.toggled.connect(self.views_toggled)
        self._close.clicked.connect(self.close_requested)


def _titled(title: str, field: QComboBox) -> QWidget:
    """Put a title at the left of a field."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(label("muted", title))
    row.addWidget(field)
    return pair

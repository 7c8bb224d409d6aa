"""Below maps that lie side by side: what links them, and how the models' figures differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
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

from vae_explorer.gui.features.path.controls import PathControls
from vae_explorer.gui.kit.class_strip import ClassStrip
from vae_explorer.gui.kit.flow_layout import FlowLayout
from vae_explorer.gui.kit.plain import fitted
from vae_explorer.gui.kit.widgets import ElidedLabel, choice_box, label
from vae_explorer.gui.runtime.guarded import Guarded

BY_Z, BY_IMAGE = "z", "image"
_MARGIN, _SCROLL_BAR = 16, 10  # pixels
_DIFFERENCE_WIDTH, _LINE_GAP, _NAME_ROOM = 136, 2, 180  # pixels


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What the table says of one model. Where its figures compare with no other's they are its `own`; a `sentence` says why."""

    model: str
    figures: tuple[str, ...] = ()  # one a column
    own: str = ""
    sentence: str = ""


class CompareBar(Guarded, QFrame):
    cursor_chosen = Signal(str)  # BY_Z, BY_IMAGE
    colour_chosen = Signal(int)  # place of the model by whose plane the codes are coloured; −1: by class
    figure_chosen = Signal(str)  # by which the codes are coloured instead
    views_toggled = Signal(bool)
    close_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compareBar")
        self.setProperty("role", "bar")
        cursors = ((BY_Z, self.tr("Same z")), (BY_IMAGE, self.tr("Same image")))
        self._cursor = choice_box("compareCursor", self.tr("What the cursors on all maps have in common"), cursors)
        self._colour = choice_box("compareColour", self.tr("What the colours of the codes say"))
        self._views = QCheckBox(self.tr("Link views"))
        self._views.setObjectName("compareViews")
        self._views.setToolTip(self.tr("Zoom and pan all maps together"))
        self._views.setChecked(True)
        self._note = ElidedLabel("muted", "compareNote")
        self._close = QPushButton(self.tr("Close comparison"))
        self._close.setObjectName("compareClose")
        self._differences: list[ElidedLabel] = []
        self._table: QWidget | None = None
        self._figures = QScrollArea()  # so that the figures force no width
        self._table_height = 0  # at least
        self.path_controls = PathControls()
        self.classes = ClassStrip()
        self._lay_out()
        self._connect()
        self.set_choices([], {})

    def set_choices(self, models: Sequence[str], figures: Mapping[str, str]) -> None:
        """Models by whose plane the codes may be coloured, and titles of the figures by which they may be, by name."""
        chosen = self._colour.currentData()
        self._colour.blockSignals(True)
        self._colour.clear()
        self._colour.addItem(self.tr("By class"), -1)
        for place, name in enumerate(models):
            self._colour.addItem(self.tr("By place in {}").format(fitted(self._colour, name, _NAME_ROOM)), place)
        for name, title in figures.items():
            self._colour.addItem(self.tr("By {}").format(title), name)
        self._colour.setCurrentIndex(max(self._colour.findData(chosen), 0))
        self._colour.blockSignals(False)

    def set_colour(self, by: int | str) -> None:
        """What has been chosen elsewhere: a place or −1, or the name of a figure."""
        self._colour.blockSignals(True)
        self._colour.setCurrentIndex(max(self._colour.findData(by), 0))
        self._colour.blockSignals(False)

    def _on_colour_chosen(self) -> None:
        by = self._colour.currentData()
        if isinstance(by, str):
            self.figure_chosen.emit(by)
        else:
            self.colour_chosen.emit(by)

    def reserve(self, models: int) -> None:
        """Keep room for the figures of so many models, so that maps stay as large as they are when the figures come."""
        self._table_height = (models + 1) * (self.fontMetrics().height() + _LINE_GAP)
        if self._table is not None:
            self._table.setMinimumHeight(self._table_height)
        self._fit_table()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_table()

    def _fit_table(self) -> None:
        """As high as the table, and its scroll bar where it is wider than the bar."""
        table = self._table.minimumSizeHint() if self._table is not None else QSize()
        scrolls = table.width() > self.width() - 2 * _MARGIN
        self._figures.setFixedHeight(max(table.height(), self._table_height) + (_SCROLL_BAR if scrolls else 0))

    def set_views_linked(self, linked: bool) -> None:
        """Tick the box or not, as the mouse would."""
        self._views.setChecked(linked)

    def set_note(self, text: str) -> None:
        """One line on what cannot be linked, and why."""
        self._note.set_text(text)

    def set_figures(self, columns: Sequence[str], rows: Sequence[FigureRow]) -> None:
        """One line a model, two where its figures stand alone; the first column is for `set_pixel_differences`."""
        table = QWidget()
        table.setMinimumHeight(self._table_height)
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(_LINE_GAP)
        grid.setColumnMinimumWidth(1, _DIFFERENCE_WIDTH)
        grid.setColumnStretch(len(columns) + 2, 1)
        for place, title in enumerate((self.tr("picture at the cursor"), *columns), start=1):
            grid.addWidget(label("muted", title), 0, place)
        self._differences = []
        line = 1
        for number, row in enumerate(rows, start=1):
            model = ElidedLabel("", f"compareModel{number}", room=_NAME_ROOM)
            model.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            model.set_text(row.model)
            grid.addWidget(model, line, 0)
            difference = ElidedLabel("", f"compareDifference{number}")
            grid.addWidget(difference, line, 1)
            self._differences.append(difference)
            for place, text in enumerate(row.figures, start=1):
                grid.addWidget(label("", text, f"compareFigure{number}.{place}"), line, place + 1)
            for role, name, text in (("", "compareOwn", row.own), ("muted", "compareSentence", row.sentence)):
                if text:
                    words = ElidedLabel(role, f"{name}{number}")
                    words.set_text(text)
                    grid.addWidget(words, line, 2, 1, -1)
                    line += 1
            line += not row.own
        self._table = table
        self._figures.setWidget(table)  # which deletes the one before
        self._fit_table()

    def set_pixel_differences(self, texts: Sequence[str]) -> None:
        """How the picture under the cursor differs from that of the first model; one text a model."""
        for shown, text in zip(self._differences, texts, strict=False):
            shown.set_text(text)

    def _lay_out(self) -> None:
        row = FlowLayout(across=16)
        row.addWidget(_titled(self.tr("Cursor"), self._cursor))
        row.addWidget(_titled(self.tr("Colour"), self._colour))
        self._note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for widget in (self._views, self._note, self._close):
            row.addWidget(widget)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(_MARGIN, 6, _MARGIN, 8)
        self._layout.setSpacing(6)
        second = FlowLayout(across=24)
        second.addWidget(self.path_controls)
        second.addWidget(self.classes)
        self._layout.addLayout(row)
        self._layout.addLayout(second)
        self._figures.setObjectName("compareFigures")
        self._figures.setWidgetResizable(True)
        self._figures.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._figures.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._figures.setFixedHeight(0)  # until there is something in it
        self._layout.addWidget(self._figures)

    def _connect(self) -> None:
        self._cursor.currentIndexChanged.connect(lambda _: self.cursor_chosen.emit(self._cursor.currentData()))
        self._colour.currentIndexChanged.connect(self._on_colour_chosen)
        self._views.toggled.connect(self.views_toggled)
        self._close.clicked.connect(self.close_requested)


def _titled(title: str, field: QComboBox) -> QWidget:
    """A field with its title at the left."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(label("muted", title))
    row.addWidget(field)
    return pair

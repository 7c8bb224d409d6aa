"""The panel Best and worst: images in the order of a metric, and a histogram."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from vae_explorer.gui.features.metrics.histogram import MetricHistogram
from vae_explorer.gui.features.metrics.strip import ExtremesStrip
from vae_explorer.gui.kit.metric_choice import MetricChoice
from vae_explorer.gui.kit.panel_state import PanelState, Ready
from vae_explorer.gui.kit.state_line import StateBody
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import choice_box, label
from vae_explorer.gui.kit.work_line import WorkLine

_SIDE_WIDTH = 224


class ExtremesPanel(QWidget):
    bad_first_chosen = Signal(bool)
    all_images_chosen = Signal(bool)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("extremesPanel")
        self.metric_choice = MetricChoice("extremesMetric", self.tr("No metric"), self.tr("The metric that orders the images"))
        self.strip = ExtremesStrip()
        self.strip.stepped.connect(self.stepped)
        self.body = StateBody("extremesNote", self._images())
        self.histogram = MetricHistogram()
        self._order = choice_box("extremesOrder", self.tr("Which images come first"))
        self._order.activated.connect(lambda place: self.bad_first_chosen.emit(place == 0))
        self._images_choice = choice_box("extremesImages", self.tr("Which images of the data set are in the order"))
        self._images_choice.addItems([self.tr("Test set"), self.tr("All data")])
        self._images_choice.activated.connect(lambda place: self.all_images_chosen.emit(place == 1))
        self._rank = label("muted", name="extremesRank")
        self.work = WorkLine("extremes")
        self._numbers = [label("muted", name=f"extremes.{name}") for name in ("mean", "quartiles")]
        self._lay_out()
        self.set_ends(("", ""))

    def set_ends(self, ends: tuple[str, str]) -> None:
        """Set the titles of the two orders; empty titles hide the choice."""
        if [self._order.itemText(place) for place in range(self._order.count())] != list(ends):
            place = max(self._order.currentIndex(), 0)
            self._order.clear()
            self._order.addItems(list(ends))
            self._order.setCurrentIndex(place)
        self._order.setVisible(bool(ends[0]))

    def set_choices(self, bad_first: bool, all_images: bool) -> None:
        self._order.setCurrentIndex(0 if bad_first else 1)
        self._images_choice.setCurrentIndex(1 if all_images else 0)

    def set_state(self, state: PanelState) -> None:
        self.body.set_state(state)
        for widget in (self.histogram, *self._numbers):
            widget.setVisible(isinstance(state, Ready))

    def set_rank(self, rank: str) -> None:
        """Show the rank of the current image, such as '3 / 360'."""
        self._rank.setText(rank)

    def set_numbers(self, numbers: Sequence[str]) -> None:
        for line, text in zip(self._numbers, numbers, strict=True):
            line.setText(text)

    def set_theme(self, theme: Theme) -> None:
        self.strip.set_theme(theme)
        self.histogram.set_theme(theme)

    def _lay_out(self) -> None:
        head, left, right = QHBoxLayout(), QVBoxLayout(), QVBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.metric_choice, 1)
        head.addWidget(self._order)
        head.addWidget(self._images_choice)
        head.addWidget(self._rank)
        left.setSpacing(6)
        left.addLayout(head)
        left.addWidget(self.body, 1)
        right.setSpacing(2)
        right.addWidget(self.histogram)
        for line in self._numbers:
            right.addWidget(line)
        right.addWidget(self.work)
        right.addStretch(1)
        side = QWidget()
        side.setLayout(right)
        side.setFixedWidth(_SIDE_WIDTH)
        right.setContentsMargins(0, 0, 0, 0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 2, 16, 8)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addWidget(side)

    def _images(self) -> QWidget:
        images = QWidget()
        row = QHBoxLayout(images)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._arrow("extremesBack", Qt.ArrowType.LeftArrow, self.tr("The previous image (Alt+Left)"), -1))
        row.addWidget(self.strip, 1)
        row.addWidget(self._arrow("extremesOn", Qt.ArrowType.RightArrow, self.tr("The next image (Alt+Right)"), 1))
        return images

    def _arrow(self, name: str, arrow: Qt.ArrowType, tip: str, by: int) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setArrowType(arrow)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: self.stepped.emit(by))
        return button


def make_panel() -> ExtremesPanel:
    return ExtremesPanel()

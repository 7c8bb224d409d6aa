"""The panel of the model: its card, the overlays of the map, and the classes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from vae_explorer.foreign import short
from vae_explorer.gui.kit.class_legend import ClassLegend
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.gui.kit.metric_choice import MetricChoice
from vae_explorer.gui.kit.plain import literal
from vae_explorer.gui.kit.widgets import label


@dataclass(frozen=True)
class KeptTicks(Kept):
    """The ticks of overlays and classes."""

    overlays: tuple[tuple[str, bool], ...]
    classes: tuple[str, ...]
    hidden: tuple[int, ...]  # indices of classes
    column: str = ""  # the classes are its categories


class ModelPanel(QWidget):
    kept_as = "ticks"
    train_requested = Signal()
    overlay_toggled = Signal(str, bool)  # name, visible
    switch_toggled = Signal(str, bool)  # name, on

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelPanel")
        self._title = label("title", name="modelTitle")
        self._title.setWordWrap(True)
        self._facts = label("muted", name="modelFacts")
        self._facts.setWordWrap(True)
        self._train = QPushButton(self.tr("Train a model…"))
        self._train.setObjectName("trainButton")
        self._train.setProperty("role", "primary")
        self._train.clicked.connect(self.train_requested)
        self.legend = ClassLegend()
        self._boxes: dict[str, QCheckBox] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 4, 16, 12)
        self._layout.setSpacing(4)
        for widget in (self._title, self._facts):
            self._layout.addWidget(widget)
        self._layout.addSpacing(8)
        self._layout.addWidget(self._train)
        self._layout.addSpacing(10)
        self._layout.addWidget(label("heading", self.tr("ON THE MAP")))
        self._overlays = QVBoxLayout()
        self._overlays.setSpacing(0)
        self._layout.addLayout(self._overlays)
        self._switches = QVBoxLayout()
        self._switches.setSpacing(0)
        self._switch_texts: list[tuple[str, str, str]] = []
        self._switch_boxes: dict[str, QCheckBox] = {}
        self._layout.addLayout(self._switches)
        self._layout.addSpacing(8)
        self.colour = MetricChoice("mapColour", self.tr("By class"), self.tr("What the colours of the codes show"))
        self._layout.addWidget(label("heading", self.tr("COLOUR")))
        self._layout.addWidget(self.colour)
        self._layout.addSpacing(8)
        self._layout.addWidget(self.legend)
        self._layout.addStretch(1)

    def set_training(self, running: bool) -> None:
        self._train.setEnabled(not running)

    def set_model(self, title: str, facts: str) -> None:
        self._title.setText(short(title))
        self._title.setToolTip(title if short(title) != title else "")
        self._facts.setText(facts)

    def set_switches(self, switches: list[tuple[str, str, str]]) -> None:
        """Offer switches of the model's decoding, by (name, title, tip), all off."""
        if switches == self._switch_texts:
            return
        self._switch_texts = switches
        for box in self._switch_boxes.values():
            box.deleteLater()
        self._switch_boxes = {}
        for name, title, tip in switches:
            box = QCheckBox(literal(title))
            box.setObjectName(f"switch.{name}")
            box.setToolTip(tip)
            box.toggled.connect(lambda on, name=name: self.switch_toggled.emit(name, on))
            self._switches.addWidget(box)
            self._switch_boxes[name] = box

    def show_switches(self, on: Collection[str]) -> None:
        for name, box in self._switch_boxes.items():
            box.setChecked(name in on)

    def kept(self) -> KeptTicks:
        legend = self.legend
        return KeptTicks(tuple(self.overlays().items()), legend.classes, tuple(sorted(legend.hidden())), legend.column)

    def take_back(self, kept: Kept) -> None:
        """Restore the overlays, and the classes unless the model has other classes."""
        assert isinstance(kept, KeptTicks)
        for overlay, visible in kept.overlays:
            self.set_overlay(overlay, visible)
        if (kept.column, kept.classes) == (self.legend.column, self.legend.classes):
            self.legend.set_hidden(frozenset(kept.hidden))

    def add_overlay(self, overlay: str, title: str, tip: str, visible: bool) -> None:
        box = QCheckBox(literal(title))
        box.setObjectName(f"overlay.{overlay}")
        box.setToolTip(tip)
        box.setChecked(visible)
        box.toggled.connect(lambda on: self.overlay_toggled.emit(overlay, on))
        self._overlays.addWidget(box)
        self._boxes[overlay] = box

    def overlays(self) -> dict[str, bool]:
        return {overlay: box.isChecked() for overlay, box in self._boxes.items()}

    def set_overlay(self, overlay: str, visible: bool) -> None:
        self._boxes[overlay].setChecked(visible)


def make_panel() -> ModelPanel:
    return ModelPanel()

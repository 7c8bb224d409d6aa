"""Chooses the section of the latent space: two latents, principal axes, two classes, three codes, or a tour."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from vae_explorer.gui.features.section.plane_by import ALL_NEAR, PICKED, PlaneBy
from vae_explorer.gui.features.section.value_slider import Marginal, ValueSlider
from vae_explorer.gui.kit.plain import literal
from vae_explorer.gui.kit.widgets import choice_box, label

_PERCENT = 100
_IN_A_COLUMN = 4  # sliders
_NOTE_WIDTH = 220  # pixels


class SectionPanel(QWidget):
    by_chosen = Signal(object)  # PlaneBy
    latents_chosen = Signal(int, int)
    classes_chosen = Signal(int, int)
    code_picked = Signal()  # the inspected code is to span the plane
    through_chosen = Signal()  # the section is to go through the inspected code
    touring_chosen = Signal(bool)
    value_chosen = Signal(int, float)  # a latent, and where the section cuts its axis
    near_share_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sectionPanel")
        self.by = choice_box("section.by", self.tr("How the plane through the latent space is chosen"), self._ways())
        self.by.activated.connect(lambda _: self.by_chosen.emit(self.by.currentData()))
        self._latents = self._pair("latent", self.tr("The latent along the map"), self.tr("The latent up the map"))
        self._classes = self._pair("class", self.tr("The class on the left"), self.tr("The class on the right"))
        for boxes, chosen in ((self._latents, self.latents_chosen), (self._classes, self.classes_chosen)):
            for box in boxes:
                box.activated.connect(
                    lambda _, boxes=boxes, chosen=chosen: chosen.emit(*(each.currentData() for each in boxes))
                )
        self._pick = self._button("section.pick", self.tr("Take the inspected code"), self.code_picked.emit)
        self._pick.setToolTip(self.tr("The plane goes through the last three codes that were taken"))
        self._play = self._button("section.play", self.tr("Play"), None)
        self._play.setCheckable(True)
        self._play.clicked.connect(self.touring_chosen)
        self._note = label("muted", name="section.note")
        self._note.setWordWrap(True)
        self._note.setFixedWidth(_NOTE_WIDTH)
        self._sliders = QGridLayout()
        self._sliders.setHorizontalSpacing(16)
        self._sliders.setVerticalSpacing(2)
        self._values: list[ValueSlider] = []
        self._more = label("muted", name="section.more")
        self._more.setWordWrap(True)
        self._more.setFixedWidth(_NOTE_WIDTH)
        self._through = self._button("section.through", self.tr("Go through the inspected code"), self.through_chosen.emit)
        self._near = QSlider(Qt.Orientation.Horizontal)
        self._near.setObjectName("section.near")
        self._near.setRange(1, _PERCENT)
        self._near.setToolTip(self.tr("The share of codes, nearest to the plane first, that are drawn in full"))
        self._near.setAccessibleName(self._near.toolTip())
        self._near.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._near.valueChanged.connect(lambda percent: self.near_share_chosen.emit(percent / _PERCENT))
        self._near_text = label("muted", name="section.nearText")
        self._lay_out()
        self.set_choice(PlaneBy.LATENTS, (0, 1), (0, 1), 0, False)  # hides what the choice does not need

    def set_latents(self, names: Sequence[tuple[int, str]]) -> None:
        """Offer the latents as (number, text), the first first."""
        _fill(self._latents, names)

    def set_classes(self, names: Sequence[str]) -> None:
        _fill(self._classes, [(number, literal(name)) for number, name in enumerate(names)])
        place = self.by.findData(PlaneBy.CLASSES)
        self.by.model().item(place).setEnabled(len(names) > 1)  # type: ignore[attr-defined]

    def set_choice(self, by: PlaneBy, latents: tuple[int, int], classes: tuple[int, int], picked: int, touring: bool) -> None:
        self.by.setCurrentIndex(self.by.findData(by))
        for boxes, chosen in ((self._latents, latents), (self._classes, classes)):
            for box, number in zip(boxes, chosen, strict=True):
                box.setCurrentIndex(box.findData(number))
        for boxes, shown in ((self._latents, PlaneBy.LATENTS), (self._classes, PlaneBy.CLASSES)):
            for box in boxes:
                box.setVisible(by is shown)
        self._pick.setVisible(by is PlaneBy.CODES)
        self._play.setVisible(by is PlaneBy.TOUR)
        self._play.setChecked(touring)
        self._play.setText(self.tr("Pause") if touring else self.tr("Play"))
        self._note.setText(self._said(by, picked))
        self._note.setVisible(bool(self._note.text()))

    def set_values(self, marginals: Sequence[Marginal], more: str) -> None:
        """Show one slider for each latent that the map does not show. `more` tells of latents without a slider."""
        while len(self._values) < len(marginals):
            slider = ValueSlider(len(self._values))
            slider.moved.connect(self.value_chosen)
            self._sliders.addWidget(slider, len(self._values) % _IN_A_COLUMN, len(self._values) // _IN_A_COLUMN)
            self._values.append(slider)
        for slider, marginal in zip(self._values, marginals, strict=False):
            slider.set_marginal(marginal)
        for place, slider in enumerate(self._values):
            slider.setVisible(place < len(marginals))
        self._more.setText(more)
        self._more.setVisible(bool(more))

    def set_near_share(self, share: float) -> None:
        self._near.blockSignals(True)
        self._near.setValue(round(_PERCENT * share))
        self._near.blockSignals(False)
        text = (
            self.tr("all codes in full") if share >= ALL_NEAR else self.tr("the nearest {:.0f} % in full").format(100 * share)
        )
        self._near_text.setText(text)

    @Slot(str)
    def set_note(self, text: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def _ways(self) -> list[tuple[object, str]]:
        return [
            (PlaneBy.LATENTS, self.tr("Two latents")),
            (PlaneBy.PRINCIPAL, self.tr("Principal axes of the codes")),
            (PlaneBy.CLASSES, self.tr("Two classes apart")),
            (PlaneBy.CODES, self.tr("Through three codes")),
            (PlaneBy.TOUR, self.tr("A plane that turns")),
        ]

    def _said(self, by: PlaneBy, picked: int) -> str:
        if by is PlaneBy.CODES:
            return self.tr("{} of {} codes are taken. Click or hover one on the map.").format(picked, PICKED)
        if by is PlaneBy.CLASSES:
            return self.tr("The direction across separates both classes best (Fisher's discriminant).")
        if by is PlaneBy.PRINCIPAL:
            return self.tr("The two directions in which the codes spread most.")
        return ""

    def _pair(self, name: str, *tips: str) -> tuple[QComboBox, QComboBox]:
        first, second = (choice_box(f"section.{name}.{place}", tip) for place, tip in enumerate(tips))
        return first, second

    def _button(self, name: str, text: str, then: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setProperty("role", "small")
        if callable(then):
            button.clicked.connect(lambda: then())
        return button

    def _lay_out(self) -> None:
        choices = QGridLayout()
        for row, boxes in enumerate((self._latents, self._classes)):
            for column, box in enumerate(boxes):
                choices.addWidget(box, row, column)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 4)
        layout.setSpacing(20)
        plane = self._column(self.by, choices, self._pick, self._play, self._note)
        beside = self._column(self._sliders, self._more)
        fading = self._column(
            self._through, label("heading", self.tr("CODES FAR FROM THE PLANE FADE")), self._near, self._near_text
        )
        for part in (plane, fading, beside):
            layout.addLayout(part)
        layout.addStretch(1)

    @staticmethod
    def _column(*contents: QWidget | QLayout) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        for content in contents:
            if isinstance(content, QLayout):
                column.addLayout(content)
            else:
                column.addWidget(content)
        column.addStretch(1)
        return column


def _fill(boxes: Sequence[QComboBox], choices: Sequence[tuple[int, str]]) -> None:
    for box in boxes:
        box.clear()
        for number, text in choices:
            box.addItem(text, number)


def make_panel() -> SectionPanel:
    return SectionPanel()

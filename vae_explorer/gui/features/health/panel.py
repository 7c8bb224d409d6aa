"""Shows the health of the codes: active units, KL, aggregate mean and std, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from vae_explorer.gui.kit.panel_state import PanelState
from vae_explorer.gui.kit.state_line import StateBody
from vae_explorer.gui.kit.widgets import label


class HealthPanel(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("healthPanel")
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._headings = (label("heading", name="health.latent.1"), label("heading", name="health.latent.2"))
        for column, heading in enumerate(self._headings, start=1):
            self._grid.addWidget(heading, 0, column, Qt.AlignmentFlag.AlignRight)
        for name, title in (
            ("active", self.tr("active")),
            ("kl", self.tr("KL, nats")),
            ("mean", self.tr("aggregate mean")),
            ("std", self.tr("aggregate std")),
        ):
            self._add_row(name, title)
        self._grid.setColumnStretch(0, 1)
        self._sentence = label("", name="healthSentence")
        self._sentence.setWordWrap(True)
        self._surgery_cells: dict[str, QLabel] = {}
        self._measures = StateBody("healthNote", self._measures_content())
        self._surgery = StateBody("surgerySentence", self._surgery_content())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self._measures)
        layout.addWidget(self._surgery_heading())
        layout.addWidget(self._surgery)
        layout.addStretch(1)

    def set_state(self, state: PanelState) -> None:
        self._measures.set_state(state)

    def set_surgery_state(self, state: PanelState) -> None:
        self._surgery.set_state(state)

    def set_latents(self, names: Sequence[str]) -> None:
        """Name the latents of the columns, one or two."""
        for heading, text in zip(self._headings, (*names, ""), strict=False):
            heading.setText(text)

    def set_row(self, name: str, texts: Sequence[str]) -> None:
        """Set row 'active', 'kl', 'mean' or 'std' for one or two latents."""
        for cell, text in zip(self._rows[name], (*texts, ""), strict=False):
            cell.setText(text)

    def set_sentence(self, sentence: str) -> None:
        self._sentence.setText(sentence)

    def set_surgery(self, numbers: dict[str, str]) -> None:
        """`numbers` has the keys 'mean_kl', 'information', 'marginal_kl' and 'residual'."""
        for name, cell in self._surgery_cells.items():
            cell.setText(numbers[name])

    def replace_numbers(self, sign: str) -> None:
        """Show `sign` in place of every number, and no sentence."""
        self._sentence.setText("")
        for cell in (*(cell for row in self._rows.values() for cell in row), *self._surgery_cells.values()):
            cell.setText(sign)

    def _measures_content(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._sentence)  # first, so that a low window shows it
        column.addLayout(self._grid)
        return content

    def _surgery_heading(self) -> QLabel:
        heading = label("heading", self.tr("KL TERM, SPLIT"))
        heading.setToolTip(
            self.tr("Mean of KL(q(z|x) ‖ p(z)) over all images = I(x; z) + KL(q(z) ‖ p(z)): Hoffman & Johnson 2016")
        )
        return heading

    def _surgery_content(self) -> QWidget:
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for name, title in (
            ("mean_kl", self.tr("mean KL, nats")),
            ("information", self.tr("= I(x; z)")),
            ("marginal_kl", self.tr("+ KL(q(z) ‖ p(z))")),
            ("residual", self.tr("residual")),
        ):
            self._surgery_cells[name] = label("", "–", f"surgery.{name}")
            row = grid.rowCount()
            grid.addWidget(label("muted", title), row, 0)
            grid.addWidget(self._surgery_cells[name], row, 1, Qt.AlignmentFlag.AlignRight)
        return content

    def _add_row(self, name: str, title: str) -> None:
        row = self._grid.rowCount()
        self._grid.addWidget(label("muted", title), row, 0)
        cells = (label("", name=f"health.{name}.1"), label("", name=f"health.{name}.2"))
        for column, cell in enumerate(cells, start=1):
            self._grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
        self._rows[name] = cells


def make_panel() -> HealthPanel:
    return HealthPanel()

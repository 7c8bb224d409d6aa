"""Shows the state of a panel: a sentence, a button, and the content. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from vae_explorer.gui.kit.panel_state import PanelState, Ready, Working, remedy_of, words_of
from vae_explorer.gui.kit.widgets import label


class StateLine(QFrame):
    """Shows the sentence and the button of a state. Hides without a sentence."""

    remedy_wanted = Signal(object)  # Remedy

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = label("muted", name=name)
        self._words.setWordWrap(True)
        self._button = QPushButton()
        self._button.setObjectName(f"{name}.remedy")
        self._button.setProperty("role", "small")
        self._button.clicked.connect(self._on_clicked)
        self._state: PanelState = Ready()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._words)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        self._button.hide()
        self.hide()

    @property
    def state(self) -> PanelState:
        return self._state

    def set_state(self, state: PanelState) -> None:
        if state == self._state:
            return
        self._state = state
        words, remedy = words_of(state), remedy_of(state)
        self._words.setText(words)
        self._button.setText(self.tr(remedy.value) if remedy is not None else "")
        self._button.setVisible(remedy is not None)
        self.setVisible(bool(words))

    def as_page(self) -> QWidget:
        """Return a page for a `QStackedWidget`: a bare line would show over other pages."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self)
        return page

    def align_centre(self) -> None:
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = self.layout()
        assert layout is not None
        layout.setAlignment(self._button, Qt.AlignmentFlag.AlignHCenter)

    def align_top(self) -> None:
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)

    def set_remedy_enabled(self, enabled: bool) -> None:
        self._button.setEnabled(enabled)

    def _on_clicked(self) -> None:
        remedy = remedy_of(self._state)
        if remedy is not None:
            self.remedy_wanted.emit(remedy)


class StateBody(QWidget):
    """A panel's content above the sentence of its state. Content that is not ready is hidden.

    While new content is computed, the old content keeps its room. Its owner removes the old numbers.
    """

    def __init__(self, name: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content, self.line = content, StateLine(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(content)
        layout.addWidget(self.line)
        layout.addStretch(1)

    @property
    def state(self) -> PanelState:
        return self.line.state

    def set_state(self, state: PanelState) -> None:
        was_shown = isinstance(self.state, Ready) or (isinstance(self.state, Working) and not self.content.isHidden())
        self.content.setVisible(isinstance(state, Ready) or (isinstance(state, Working) and was_shown))
        self.line.set_state(state)

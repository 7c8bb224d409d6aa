"""Shows the state of a panel: one sentence, a button where something helps, and the content where it is there. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from vae_explorer.gui.kit.panel_state import PanelState, Ready, Working, remedy_of, words_of
from vae_explorer.gui.kit.widgets import label


class StateLine(QFrame):
    """The sentence of a state and its button. Takes no room where the state has no sentence."""

    remedy_wanted = Signal(object)  # Remedy

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """`name` is that of the sentence's label; the button is `name.remedy`."""
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
        """A page of a `QStackedWidget` with this line: the line itself would show its sentence over the other pages."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self)
        return page

    def align_centre(self) -> None:
        """For a line that has the room of a whole page."""
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = self.layout()
        assert layout is not None
        layout.setAlignment(self._button, Qt.AlignmentFlag.AlignHCenter)

    def align_top(self) -> None:
        """For a line beside something higher, whose words begin at its top."""
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)

    def set_remedy_enabled(self, enabled: bool) -> None:
        """Whether the button can do anything now."""
        self._button.setEnabled(enabled)

    def _on_clicked(self) -> None:
        remedy = remedy_of(self._state)
        if remedy is not None:
            self.remedy_wanted.emit(remedy)


class StateBody(QWidget):
    """A panel's content above the sentence of its state. Content that is not there is hidden, and no old number stays on screen.

    While new content is worked out the old one keeps its room, so that nothing jumps; its owner takes the numbers away.
    """

    def __init__(self, name: str, content: QWidget, parent: QWidget | None = None) -> None:
        """`name`: see `StateLine`."""
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

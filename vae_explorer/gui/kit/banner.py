"""A banner over the map with a message and buttons. It is never modal."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from vae_explorer import foreign
from vae_explorer.gui.kit.widgets import label

_MOST = 500  # characters; the details hold the whole message


class Banner(QFrame):
    """Shows one message with Copy details and Dismiss. `end` renames Dismiss."""

    dismissed = Signal()

    def __init__(self, role: str, name: str, parent: QWidget | None = None, end: str = "") -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setObjectName(name)
        self._details = ""
        self._text = label("", name=f"{name}Text")
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._copy = QPushButton(self.tr("Copy details"))
        self._copy.setObjectName(f"{name}Copy")
        self._copy.clicked.connect(self._copy_details)
        dismiss = QPushButton(end or self.tr("Dismiss"))
        dismiss.setObjectName(f"{name}Dismiss")
        dismiss.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 6, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._copy)
        layout.addWidget(dismiss)
        self.hide()

    def show_message(self, message: str, details: str = "", copyable: bool = True) -> None:
        self._text.setText(foreign.message(message, _MOST))
        self._details = f"{message}\n\n{details}".strip()
        self._copy.setVisible(copyable)
        self.show()

    def text(self) -> str:
        return self._text.text()

    def dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()

    @Slot()
    def dismiss_if_shown(self) -> None:
        if self.isVisible():
            self.dismiss()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self._details)

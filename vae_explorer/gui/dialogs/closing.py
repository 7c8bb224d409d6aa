"""The question before a window closes during a training."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def ask_before_closing(parent: QWidget, close: Callable[[], None]) -> None:
    """Ask whether to stop the training, and call `close` if so. Opens no second dialog."""
    if parent.findChild(QMessageBox, "closeDialog") is not None:
        return
    text = parent.tr(
        "A model is being trained. Stop the training and close? The program saves the model as it is then. A run in its first "
        "epoch may have no model yet."
    )
    question = QMessageBox(QMessageBox.Icon.Question, parent.tr("Training is running"), text, parent=parent)
    question.setObjectName("closeDialog")
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    stop = question.addButton(parent.tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole)
    stop.setObjectName("closeStop")
    keep = question.addButton(parent.tr("Keep training"), QMessageBox.ButtonRole.RejectRole)
    keep.setObjectName("closeKeep")
    stop.clicked.connect(close)
    question.open()

"""The dialogs Shortcuts and About."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from vae_explorer import __version__, locations
from vae_explorer.foreign import message
from vae_explorer.gui.kit.on_screen import fit
from vae_explorer.gui.kit.plain import title_text


class TextDialog(QDialog):
    """A page of HTML with Close. Callers may add to `buttons`."""

    def __init__(self, name: str, title: str, html: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title_text(title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QLabel(html)
        text.setObjectName(f"{name}Text")
        text.setTextFormat(Qt.TextFormat.RichText)  # from resources/help, with foreign text escaped
        text.setWordWrap(True)
        text.setMargin(8)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(text)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setObjectName(f"{name}Close")
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(self.buttons)
        fit(self, QSize(560, 520))


def shortcuts_dialog(actions: Iterable[QAction], parent: QWidget) -> TextDialog:
    """Return a page with resources/help/mouse.html and the actions' shortcuts."""
    mouse = (locations.resources() / "help" / "mouse.html").read_text("utf-8")
    rows = "".join(
        f"<tr><td style='padding: 2px 24px 2px 0'><b>{escape(action.shortcut().toString())}</b></td>"
        f"<td>{escape(action.text().replace('&', ''))}</td></tr>"
        for action in actions
        if not action.shortcut().isEmpty()
    )
    return TextDialog("shortcutsDialog", parent.tr("Shortcuts"), f"{mouse}<h3>Keys</h3><table>{rows}</table>", parent)


def about_dialog(diagnostics: str, parent: QWidget) -> TextDialog:
    about = (locations.resources() / "help" / "about.html").read_text("utf-8")
    html = f"<h2>VAE Explorer {__version__}</h2>{about}<pre style='white-space: pre-wrap'>{escape(message(diagnostics))}</pre>"
    dialog = TextDialog("aboutDialog", parent.tr("About VAE Explorer"), html, parent)
    copy = QPushButton(parent.tr("Copy diagnostics"))
    copy.setObjectName("copyDiagnostics")
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(diagnostics))
    dialog.buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
    return dialog

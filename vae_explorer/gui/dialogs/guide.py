"""The guide, which shows the pages of resources/guide beside a list of titles."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Slot
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from vae_explorer import locations
from vae_explorer.gui.kit.on_screen import fit

FIRST = "tour"
_ORDER = (
    *(FIRST, "models", "families", "evidence", "images"),
    *("command-line", "python", "robustness", "measurements", "code", "extending"),
)
_SIZE = QSize(920, 680)
_LIST_WIDTH = 190  # pixels


def pages() -> list[Path]:
    """Return the pages in the order of `_ORDER`; other pages come last."""
    found = sorted((locations.resources() / "guide").glob("*.md"))
    return sorted(found, key=lambda page: _ORDER.index(page.stem) if page.stem in _ORDER else len(_ORDER))


def title_of(page: Path) -> str:
    """Return the first heading of a page."""
    return page.read_text("utf-8").partition("\n")[0].lstrip("# ").strip()


class GuideDialog(QDialog):
    """Shows one page at a time. Links to the web open in the browser."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("guideDialog")
        self.setWindowTitle(self.tr("Guide"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._list = QListWidget()
        self._list.setObjectName("guidePages")
        self._list.setFixedWidth(_LIST_WIDTH)
        self._text = QTextBrowser()
        self._text.setObjectName("guideText")
        self._text.setOpenExternalLinks(True)
        self._text.sourceChanged.connect(self._on_source_changed)
        for page in pages():
            item = QListWidgetItem(title_of(page))
            item.setData(Qt.ItemDataRole.UserRole, page)
            self._list.addItem(item)
        self._list.currentItemChanged.connect(self._on_page_chosen)
        self._lay_out()
        self._list.setCurrentRow(0)
        fit(self, _SIZE)

    def _lay_out(self) -> None:
        back = QPushButton(self.tr("Back"))
        back.setObjectName("guideBack")
        back.setEnabled(False)
        back.clicked.connect(self._text.backward)
        self._text.backwardAvailable.connect(back.setEnabled)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(back, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self._list)
        row.addWidget(self._text)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(buttons)

    @Slot(QListWidgetItem)
    def _on_page_chosen(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        source = QUrl.fromLocalFile(str(item.data(Qt.ItemDataRole.UserRole)))
        if self._text.source().path() != source.path():
            self._text.setSource(source, QTextDocument.ResourceType.MarkdownResource)

    @Slot(QUrl)
    def _on_source_changed(self, source: QUrl) -> None:
        """Select the page that a link or Back has opened."""
        for row in range(self._list.count()):
            item = self._list.item(row)
            if item.data(Qt.ItemDataRole.UserRole).name == source.fileName():
                self._list.setCurrentItem(item)

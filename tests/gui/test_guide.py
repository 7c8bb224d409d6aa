"""Help ▸ Guide: every page is there, and a link leads to another page and back."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QListWidget, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot

from tests.readme import GUIDE
from vae_explorer.gui.dialogs.guide import GuideDialog, pages, title_of


def test_that_every_page_of_the_guide_is_shown(qtbot: QtBot) -> None:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    listed, text = dialog.findChild(QListWidget), dialog.findChild(QTextBrowser)
    assert sorted(page.stem for page in pages()) == sorted(GUIDE)
    for row, page in enumerate(pages()):
        listed.setCurrentRow(row)
        assert text.toPlainText().startswith(title_of(page))


def test_that_a_link_opens_its_page_and_back_returns(qtbot: QtBot) -> None:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    listed, text = dialog.findChild(QListWidget), dialog.findChild(QTextBrowser)
    first = text.toPlainText()
    text.setSource(text.source().resolved(QUrl("families.md")))
    assert listed.currentItem().text() == "Families"
    qtbot.mouseClick(dialog.findChild(QPushButton, "guideBack"), Qt.MouseButton.LeftButton)
    assert text.toPlainText() == first
    assert listed.currentRow() == 0


def test_that_no_tilde_strikes_words_of_the_guide_out() -> None:
    for name, page in GUIDE.items():
        document = QTextDocument()
        document.setMarkdown(page)
        html = document.toHtml()
        assert "line-through" not in html, name

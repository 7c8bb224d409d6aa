"""Foreign text is text: names of a model card are shown as they are, load nothing and force no width."""

from __future__ import annotations

import ast
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QCursor, QHelpEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QMenu,
    QMessageBox,
    QTabBar,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

import vae_explorer.gui
from vae_explorer.foreign import safe
from vae_explorer.gui.features.equation.term_box import EquationTerm, TermBox
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.kit.plain import breakable, literal, tip_text, title_text
from vae_explorer.gui.kit.style import beside
from vae_explorer.gui.main_window import MainWindow

from . import mouse
from .conftest import OpenWindow
from .hostile import RUN, class_names, image_tag, openings, write_hostile, write_named
from .looking import find, run_action, settle

DIALOGS = (
    "model.pretrained",
    "model.train",
    "help.shortcuts",
    "help.about",
    "help.guide",
    "file.save_model_as",
    "file.open_model",
)
_LETTERS = 16  # pixels by which names of one room differ, for each ends at a whole letter
OUR_OWN_MARKUP = {"", "shortcutsDialogText", "aboutDialogText"}  # symbols of equations have no name


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """An image file that a name asks for."""
    file = tmp_path / "asked for.png"
    Image.new("L", (40, 40)).save(file)
    return file


@pytest.fixture
def hostile(open_window: OpenWindow, digits_path: Path, picture: Path, qtbot: QtBot) -> MainWindow:
    """A window on a model whose every name is hostile, with all panels shown, beside a second map of it."""
    path = write_hostile(digits_path, picture)
    window = open_window(path)
    for dock in window.explorer.docks.all():
        window.explorer.docks.show(dock.objectName(), True)
    window.session.problem_raised.emit(f"{image_tag(picture)} cannot be read: {'W' * 10_000} & more\n\u202e", "details")
    window.session.notice_raised.emit(f"{image_tag(picture)} A&B {'W' * 10_000}")
    window.comparison.compare_with(path)
    settle(qtbot, window)
    view = window.latent_view
    for x in (-0.6, 0.4, 1.1):
        mouse.move_to(view, (x, x / 2))
        settle(qtbot, window)
    return window


def texts(parent: QWidget) -> Iterator[tuple[str, str]]:
    """Everything that is written in `parent`, with where it is written."""
    for widget in (parent, *parent.findChildren(QWidget)):
        name = widget.objectName() or type(widget).__name__
        yield f"{name}: title", widget.windowTitle()
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield f"{name}: text", widget.text()
        if isinstance(widget, QComboBox):
            yield from ((f"{name}: item {row}", widget.itemText(row)) for row in range(widget.count()))
        if isinstance(widget, QTabBar):
            yield from ((f"{name}: tab {row}", widget.tabText(row)) for row in range(widget.count()))
    yield from ((f"{action.objectName()}: action", action.text()) for action in parent.findChildren(QAction))


def steering(text: str) -> list[str]:
    return [
        sign
        for sign in text
        if sign != "\n" and (unicodedata.category(sign) in ("Cc", "Cs") or unicodedata.bidirectional(sign)[-1:] in ("E", "I"))
        if unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN", "B", "S")
    ]


def tip_of(widget: QWidget, at: QPoint) -> QLabel:
    """The tool tip that a mouse at rest brings."""
    QToolTip.hideText()
    QCursor.setPos(widget.mapToGlobal(at))
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
    tips = [each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel") and each.isVisible()]
    assert len(tips) == 1
    tip = tips[0]
    assert isinstance(tip, QLabel)
    return tip


def check_labels(parent: QWidget) -> None:
    for label in parent.findChildren(QLabel):
        assert label.textFormat() != Qt.TextFormat.AutoText, label.objectName()
        if label.textFormat() == Qt.TextFormat.RichText:
            assert label.objectName() in OUR_OWN_MARKUP
            assert "img" not in label.text()


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_a_window_shows_hostile_names_as_text_and_opens_nothing_that_they_name(
    hostile: MainWindow, picture: Path, qtbot: QtBot
) -> None:
    screen = hostile.screen().availableGeometry()
    with openings(picture) if sys.platform == "linux" else pytest.skip("Linux alone tells who opens a file") as opened:
        for command in DIALOGS:
            run_action(hostile, command)
        QApplication.processEvents()
        for top in QApplication.topLevelWidgets():
            check_labels(top)
            assert [(where, text) for where, text in texts(top) if steering(text)] == []
            assert top is hostile or top.minimumSizeHint().width() <= screen.width(), top.objectName()
        for widget in hostile.findChildren(QWidget):
            if widget.isVisible() and widget.toolTip():
                tip = tip_of(widget, widget.rect().center())
                assert tip.textFormat() == Qt.TextFormat.PlainText
                assert steering(tip.text()) == []
                assert screen.width() >= tip.width()
        hostile.grab()
        QToolTip.hideText()
        for dialog in hostile.findChildren(QWidget):
            if dialog.isWindow() and dialog.isVisible() and not dialog.inherits("QMenu"):
                dialog.grab()
                dialog.close()
        settle(qtbot, hostile)
    assert opened == []


def test_that_an_ampersand_in_a_name_is_seen_wherever_qt_takes_it_for_a_key(hostile: MainWindow) -> None:
    legend = hostile.explorer.panel(ModelPanel).legend
    assert find(legend, QCheckBox, "class1").text() == "R&&B"
    runs = find(hostile, QMenu, "file.open_run")
    runs.aboutToShow.emit()
    assert [action.text() for action in runs.actions()] == [literal(safe(RUN).replace("\ufffd", "\ufffd"))]
    assert hostile.windowTitle() == f"{safe(RUN)} – VAE Explorer"
    assert title_text("A&B [*]") == "A&B [*][*]"  # Qt takes [*] for the place of a sign, and [*][*] for [*]


def test_that_names_force_no_width(
    open_window: OpenWindow, digits_path: Path, picture: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    plain = write_named(digits_path, tmp_path / "plain.safetensors", "plain", ("W" * 40,) * 10)
    alone, beside_another = [], []
    for path in (plain, write_hostile(digits_path, picture)):
        window = open_window(path)
        alone.append(least_widths(window))
        window.comparison.compare_with(path)
        settle(qtbot, window)
        beside_another.append(least_widths(window))
    for plain_widths, hostile_widths in (alone, beside_another):
        assert {name: width for name, width in hostile_widths.items() if width > plain_widths[name] + _LETTERS} == {}


def least_widths(window: MainWindow) -> dict[str, int]:
    docks = {dock.objectName(): dock.minimumSizeHint().width() for dock in window.explorer.docks.all()}
    return docks | {"window": window.minimumSizeHint().width(), "width": window.width()}


def test_that_the_program_would_notice_an_opened_file(picture: Path, qtbot: QtBot) -> None:
    if sys.platform != "linux":
        pytest.skip("Linux alone tells who opens a file")
    with openings(picture) as opened:
        label = QLabel(image_tag(picture))
        label.setTextFormat(Qt.TextFormat.RichText)
        qtbot.addWidget(label)
        label.show()
        label.grab()
    assert opened


def test_that_a_question_of_qts_own_is_plain_text(qtbot: QtBot) -> None:
    question = QMessageBox(QMessageBox.Icon.Question, "Replace", "<b>name</b> already exists")
    qtbot.addWidget(question)
    question.show()
    (words,) = (label for label in question.findChildren(QLabel) if label.text())
    assert words.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_a_tip_lies_beside_its_menu_and_not_on_the_next_entry(window: MainWindow) -> None:
    menu = find(window, QMenu, "menu.view")
    menu.popup(window.mapToGlobal(QPoint(100, 30)))
    entry = menu.actionGeometry(menu.actions()[1])
    tip = tip_of(menu, entry.center())
    assert tip.text() == menu.actions()[1].toolTip()
    assert not tip.geometry().intersects(QRect(menu.mapToGlobal(QPoint()), menu.size()))
    menu.close()


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_that_the_tip_of_a_term_covers_neither_the_term_nor_the_sentence_below(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    term, sentence = TermBox(EquationTerm("kl", "+", "β ·", "KL", "7.70", "exact", "The KL term")), QLabel("What it says")
    layout.addSpacing(100)
    layout.addWidget(term)
    layout.addWidget(sentence)
    holder.show()
    tip = tip_of(term, term.rect().center()).geometry()
    for covered in (term, sentence):
        assert not tip.intersects(QRect(covered.mapToGlobal(QPoint()), covered.size()))
    QToolTip.hideText()


@pytest.mark.parametrize(
    ("keep_free", "sides", "place"),
    [
        (QRect(100, 100, 50, 20), "barl", QPoint(100, 122)),
        (QRect(100, 100, 50, 20), "abrl", QPoint(100, 67)),
        (QRect(100, 560, 50, 20), "barl", QPoint(100, 527)),
        (QRect(100, 100, 50, 20), "rl", QPoint(152, 100)),
        (QRect(740, 100, 50, 20), "rl", QPoint(557, 100)),
        (QRect(740, 100, 50, 20), "barl", QPoint(620, 122)),
        (QRect(0, 0, 800, 600), "barl", None),
    ],
)
def test_that_a_tip_lies_at_the_first_side_with_room(keep_free: QRect, sides: str, place: QPoint | None) -> None:
    screen, size = QRect(0, 0, 800, 600), QSize(180, 30)
    found = beside(size, keep_free, keep_free.topLeft(), screen, sides)
    assert found == place
    assert found is None or not QRect(found, size).intersects(keep_free)


@pytest.mark.parametrize("name", [*class_names(Path("/x.png")), "plain name", "<b>", "&lt;"])
def test_that_every_form_of_a_name_says_the_name(name: str) -> None:
    assert literal(name).replace("&&", "&") == name
    assert breakable(name).replace("\u200b", "") == name.replace("\u200b", "")
    assert max(len(word) for word in breakable(safe(name)).replace("\u200b", " ").split()) <= 24
    assert len(tip_text(name)) <= 700
    assert "\n" not in title_text(name)


# What shows a text goes through what makes it safe

MARKUP = {"RichText", "AutoText", "MarkdownText", "setHtml", "setMarkdown", "QTextEdit", "TextItem", "LabelItem", "addLegend"}
MAY_HAVE_MARKUP = {"term_box.py", "help.py", "style.py"}  # symbols, our own pages, and where the guess is ended
MAKES_LABELS = {"widgets.py", "help.py"}
WRITERS = {"addAction", "addMenu", "addTab", "insertTab", "setTabText", "setWindowTitle", "QCheckBox", "QMenu", "QGroupBox"}
WRITES_WHAT_IT_IS_GIVEN = {"menu.py: addAction of text"}  # `_add`, whose callers make the text safe
SAFE_CALLS = {"tr", "literal", "title_text"}


def calls(source: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source) if isinstance(node, ast.Call))


def name_of(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_ours(text: ast.expr) -> bool:
    """Whether a text is a literal of ours, or was made safe where it is written."""
    if isinstance(text, ast.Subscript) or name_of(text) == "action":  # an action, which was given its text elsewhere
        return True
    if isinstance(text, ast.JoinedStr):
        return all(is_ours(part.value) for part in text.values if isinstance(part, ast.FormattedValue))
    return isinstance(text, ast.Constant) or (isinstance(text, ast.Call) and name_of(text.func) in SAFE_CALLS)


def unsafe(source: ast.AST, file: str) -> Iterator[str]:
    names = {name_of(node) for node in ast.walk(source)} | {
        alias.name for node in ast.walk(source) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    if file not in MAY_HAVE_MARKUP:
        yield from (f"{file}: {name}" for name in sorted(names & MARKUP))
    for call in calls(source):
        made = name_of(call.func)
        if made == "QLabel" and file not in MAKES_LABELS:
            yield f"{file}: QLabel"
        if made in WRITERS and call.args and not is_ours(call.args[0]):
            yield f"{file}: {made} of {ast.unparse(call.args[0])}"


def test_that_whatever_shows_a_text_is_given_a_safe_one() -> None:
    folder = Path(vae_explorer.gui.__file__).parent
    found = [each for path in folder.rglob("*.py") for each in unsafe(ast.parse(path.read_text("utf-8")), path.name)]
    assert set(found) == WRITES_WHAT_IT_IS_GIVEN


@pytest.mark.parametrize(
    "line",
    [
        "QLabel(name)",
        "menu.addAction(name)",
        "self.setWindowTitle(f'{name} – VAE')",
        "QCheckBox(name)",
        "pg.TextItem(html=name)",
    ],
)
def test_that_a_text_that_was_not_made_safe_is_found(line: str) -> None:
    assert list(unsafe(ast.parse(line), "views.py"))

"""One table of commands: menus and shortcuts are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

if TYPE_CHECKING:
    from vae_explorer.gui.main_window import MainWindow

Shortcut = QKeySequence.StandardKey | str
_Keys = QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is the action's objectName; its part before the dot is the menu."""

    name: str
    text: str
    tip: str
    run: Callable[[MainWindow], object]
    shortcut: Shortcut | None = None
    icon: str = ""
    checkable: bool = False


MENUS = {
    "file": "&File",
    "edit": "&Edit",
    "view": "&View",
    "model": "&Model",
    "data": "&Data",
    "path": "&Path",
    "help": "&Help",
}

COMMANDS = (
    Command("file.open_model", "&Open model…", "Open a model file", lambda w: w.commands.ask_for_model(), _Keys.Open, "open"),
    Command(
        "file.save_model_as",
        "Save model &as…",
        "Save the model on screen",
        lambda w: w.commands.ask_where_to_save(),
        _Keys.SaveAs,
        "save",
    ),
    Command("file.quit", "&Quit", "Close the program", lambda w: w.close(), "Ctrl+Q", "quit"),
    Command(
        "edit.undo", "&Undo", "Take back the last change of the path", lambda w: w.session.undo_stack.undo(), _Keys.Undo, "undo"
    ),
    Command("edit.redo", "&Redo", "Do it again", lambda w: w.session.undo_stack.redo(), _Keys.Redo, "redo"),
    Command("edit.copy_image", "&Copy image", "Copy the decoded image", lambda w: w.commands.copy_image(), _Keys.Copy, "copy"),
    Command(
        "edit.copy_z", "Copy &z", "Copy the latent point as numbers", lambda w: w.commands.copy_z(), "Ctrl+Shift+C", "copy"
    ),
    Command("view.show_all", "Show &all", "Bring every code into view", lambda w: w.latent_view.show_all(), "Home", "show_all"),
    Command(
        "view.equal_probability",
        "&Equal-probability view",
        "Show the plane through Φ(z), where area is prior mass",
        lambda w: w.commands.toggle_plane(),
        "Ctrl+U",
        checkable=True,
    ),
    Command("view.full_screen", "&Full screen", "Fill the screen", lambda w: w.commands.toggle_full_screen(), "F11"),
    Command("view.reset_layout", "&Reset layout", "Put every panel back in its place", lambda w: w.reset_layout()),
    Command(
        "model.train",
        "&Train…",
        "Train a new model in the background",
        lambda w: w.commands.show_train_dialog(),
        "Ctrl+T",
        "train",
    ),
    Command(
        "model.pretrained",
        "&Pretrained…",
        "Choose among the models that come along",
        lambda w: w.commands.show_pretrained(),
        "Ctrl+P",
    ),
    Command(
        "model.stop",
        "&Stop training",
        "Stop, and keep the model as it is then",
        lambda w: w.session.training.stop(),
        None,
        "stop",
    ),
    Command(
        "data.download",
        "&Download images",
        "Get the images of this model's data set",
        lambda w: w.session.download_images(),
        None,
        "download",
    ),
    Command("data.cancel_download", "&Cancel download", "Stop the download", lambda w: w.session.loading.cancel_download()),
    Command(
        "data.next",
        "&Next image",
        "In the order of the figure that has the colours, as Best and worst has it",
        lambda w: w.under_the_cursor.session.extremes.step(1),
        "Alt+Right",
    ),
    Command(
        "data.previous",
        "&Previous image",
        "Back in the order of the figure that has the colours",
        lambda w: w.under_the_cursor.session.extremes.step(-1),
        "Alt+Left",
    ),
    Command("path.play", "&Play", "Play the path, or pause it", lambda w: w.session.player.toggle(), "Space", "play"),
    Command("path.clear", "&Clear", "Remove the path", lambda w: w.session.path.clear(), "Esc", "clear"),
    Command(
        "path.export",
        "&Export…",
        "Save the path as GIF, APNG or PNG strip",
        lambda w: w.commands.ask_where_to_export(),
        "Ctrl+E",
        "export",
    ),
    Command(
        "help.guide", "&Guide", "Every panel, every command, and how the program is built", lambda w: w.commands.show_guide()
    ),
    Command("help.shortcuts", "&Shortcuts", "What mouse and keys do", lambda w: w.commands.show_shortcuts(), "F1", "keyboard"),
    Command("help.about", "&About", "Version, licence, diagnostics", lambda w: w.commands.show_about(), None, "info"),
)


def make_actions(window: MainWindow) -> dict[str, QAction]:
    """An action for each command, by name."""
    return {command.name: _make(command, window) for command in COMMANDS}


def _make(command: Command, window: MainWindow) -> QAction:
    action = QAction(window.tr(command.text), window)
    action.setObjectName(command.name)
    action.setCheckable(command.checkable)
    action.setStatusTip(window.tr(command.tip))
    if command.shortcut is not None:
        action.setShortcut(QKeySequence(command.shortcut))
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(window.tr(command.tip) + (f" ({keys})" if keys else ""))
    action.triggered.connect(lambda: command.run(window))
    return action

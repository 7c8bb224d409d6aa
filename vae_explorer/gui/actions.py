"""The table of commands, from which menus and shortcuts are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from vae_explorer.gui.commands import Commands

Shortcut = QKeySequence.StandardKey | str
_Keys = QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is the objectName of the action. It begins with the menu and a dot."""

    name: str
    text: str
    tip: str
    run: Callable[[Commands], object]
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
    Command("file.open_model", "&Open model…", "Open a model file", lambda c: c.ask_for_model(), _Keys.Open, "open"),
    Command(
        "file.save_model_as",
        "Save model &as…",
        "Save the model on screen",
        lambda c: c.ask_where_to_save(),
        _Keys.SaveAs,
        "save",
    ),
    Command("file.quit", "&Quit", "Close the program", lambda c: c.close(), "Ctrl+Q", "quit"),
    Command(
        "edit.undo",
        "&Undo",
        "Take back the last change of the path",
        lambda c: c.session.workspace.undo_stack.undo(),
        _Keys.Undo,
        "undo",
    ),
    Command(
        "edit.redo",
        "&Redo",
        "Repeat the undone change",
        lambda c: c.session.workspace.undo_stack.redo(),
        _Keys.Redo,
        "redo",
    ),
    Command("edit.copy_image", "&Copy image", "Copy the decoded image", lambda c: c.copy_image(), _Keys.Copy, "copy"),
    Command("edit.copy_z", "Copy &z", "Copy the latent point as numbers", lambda c: c.copy_z(), "Ctrl+Shift+C", "copy"),
    Command("view.show_all", "Show &all", "Bring every code into view", lambda c: c.show_all(), "Home", "show_all"),
    Command(
        "view.equal_probability",
        "&Equal-probability view",
        "Show the plane through Φ(z), where area is prior mass",
        lambda c: c.toggle_plane(),
        "Ctrl+U",
        checkable=True,
    ),
    Command("view.full_screen", "&Full screen", "Fill the screen", lambda c: c.toggle_full_screen(), "F11"),
    Command("view.reset_layout", "&Reset layout", "Put every panel back in its place", lambda c: c.reset_layout()),
    Command(
        "model.train",
        "&Train…",
        "Train a new model in the background",
        lambda c: c.show_train_dialog(),
        "Ctrl+T",
        "train",
    ),
    Command(
        "model.pretrained",
        "&Pretrained…",
        "Choose a model that comes with the program",
        lambda c: c.show_pretrained(),
        "Ctrl+P",
    ),
    Command(
        "model.stop",
        "&Stop training",
        "Stop the training, and keep its model",
        lambda c: c.stop_training(),
        None,
        "stop",
    ),
    Command(
        "data.open_images",
        "&Open images…",
        "Make a data set of a folder of pictures, a table or a file of arrays, and train on it",
        lambda c: c.show_images_dialog(),
        "Ctrl+I",
    ),
    Command(
        "data.place",
        "&Show codes of…",
        "Choose a data set, whose images the encoder of your own model places on the map",
        lambda c: c.choose_images_to_place(),
    ),
    Command(
        "data.download",
        "&Download images",
        "Get the images of this model's data set",
        lambda c: c.session.download_images(),
        None,
        "download",
    ),
    Command("data.cancel_download", "&Cancel download", "Stop the download", lambda c: c.session.images.cancel_download()),
    Command(
        "data.next",
        "&Next image",
        "Show the next image in the order of the metric that colours the codes",
        lambda c: c.step_through_images(1),
        "Alt+Right",
    ),
    Command(
        "data.previous",
        "&Previous image",
        "Show the previous image in the order of the metric that colours the codes",
        lambda c: c.step_through_images(-1),
        "Alt+Left",
    ),
    Command("path.play", "&Play", "Play the path, or pause it", lambda c: c.session.workspace.player.toggle(), "Space", "play"),
    Command("path.clear", "&Clear", "Remove the path", lambda c: c.session.workspace.path.clear(), "Esc", "clear"),
    Command(
        "path.export",
        "&Export…",
        "Save the path as GIF, APNG or PNG strip",
        lambda c: c.ask_where_to_export(),
        "Ctrl+E",
        "export",
    ),
    Command("help.guide", "&Guide", "Every panel, every command, and how the program is built", lambda c: c.show_guide()),
    Command("help.shortcuts", "&Shortcuts", "What mouse and keys do", lambda c: c.show_shortcuts(), "F1", "keyboard"),
    Command("help.about", "&About", "Version, licence, diagnostics", lambda c: c.show_about(), None, "info"),
)


def make_actions(commands: Commands, parent: QObject) -> dict[str, QAction]:
    return {command.name: _make(command, commands, parent) for command in COMMANDS}


def _make(command: Command, commands: Commands, parent: QObject) -> QAction:
    action = QAction(parent.tr(command.text), parent)
    action.setObjectName(command.name)
    action.setCheckable(command.checkable)
    action.setStatusTip(parent.tr(command.tip))
    if command.shortcut is not None:
        action.setShortcut(QKeySequence(command.shortcut))
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(parent.tr(command.tip) + (f" ({keys})" if keys else ""))
    action.triggered.connect(lambda: command.run(commands))
    return action

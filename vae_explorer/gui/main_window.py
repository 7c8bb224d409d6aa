"""The main window: menus, actions, settings, theme and closing, around one explorer or more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QSplitter, QVBoxLayout, QWidget

from vae_explorer import locations
from vae_explorer.gui.actions import COMMANDS, make_actions
from vae_explorer.gui.commands import Commands
from vae_explorer.gui.compare.bar import CompareBar
from vae_explorer.gui.compare.comparison import Comparison
from vae_explorer.gui.compare.menu import add_compare_menu
from vae_explorer.gui.core.placing import has_encoder
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.dialogs.closing import ask_before_closing
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.training.state import CLOSE_PATIENCE, TrainingState
from vae_explorer.gui.kit import theme as themes
from vae_explorer.gui.kit.icons import app_icon, icon
from vae_explorer.gui.kit.plain import title_text
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.gui.menus import add_model_menus, add_view_menus, make_menus
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.gui.settings import Settings
from vae_explorer.gui.status import StatusPresenter
from vae_explorer.gui.status_bar import StatusBar
from vae_explorer.latent.plane import EQUAL_PROBABILITY

_FIRST_SIZE = QSize(1280, 800)
_FRAME = QSize(2, 32)  # of a window manager, around the window
_BARS = QSize(0, 52)  # the menu bar and the status bar


class MainWindow(Guarded, QMainWindow):
    closed = Signal()  # every thread has ended

    session: Session
    latent_view: LatentView
    commands: Commands
    theme: Theme

    def __init__(self, session: Session, settings: Settings, diagnostics: str = "") -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowIcon(app_icon())
        self._settings = settings
        self.commands = Commands(self, diagnostics)
        self._theme_choice = settings.theme
        self._closing = False
        self._shown_state: object = None
        self.explorer = Explorer(session)
        session.workspace.setParent(self)
        self.session, self.latent_view, self.map_area = session, self.explorer.latent_view, self.explorer.map_area
        self._lay_out()
        self.status_bar = StatusBar()
        self.setStatusBar(self.status_bar)
        StatusPresenter(self.status_bar, session)
        self._actions = make_actions(self.commands, self)
        self._make_menus()
        self.explorer.set_actions(self._actions)
        self.compare_bar.path_controls.set_actions(self._actions)
        self._connect()
        self.set_theme(self._theme_choice)
        self._restore()

    def _lay_out(self) -> None:
        splitter, self.compare_bar = QSplitter(), CompareBar()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.explorer)
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.compare_bar)
        self.setCentralWidget(middle)
        self.comparison = Comparison(self.explorer, splitter, self.compare_bar)

    def _make_menus(self) -> None:
        menus = make_menus(self, self.actions_by_name)
        add_model_menus(menus["file"], self.actions_by_name["file.save_model_as"], self.open_model)
        menus["view"].addSeparator()
        add_compare_menu(menus["view"], self.actions_by_name["view.reset_layout"], self.comparison, self)
        self._themes = add_view_menus(menus["view"], self.explorer.docks.all(), self._theme_choice, self.choose_theme)

    # Wiring

    def _connect(self) -> None:
        session, stack = self.session, self.session.workspace.undo_stack
        for signal in (
            session.part(TrainingState).changed,
            session.workspace.path.changed,
            session.workspace.player.playing_changed,
            session.jobs.changed,
            session.model_changed,
            stack.canUndoChanged,
            stack.canRedoChanged,
        ):
            signal.connect(self._update_actions)
        session.part(TrainingState).started.connect(self._on_training_started)
        session.part(TrainingState).stopped.connect(self._on_training_stopped)
        for named in (session.model_changed, session.model_saved):
            named.connect(lambda model: self.setWindowTitle(f"{title_text(model.name)} – VAE Explorer"))
        self.latent_view.plane_changed.connect(
            lambda plane: self.actions_by_name["view.equal_probability"].setChecked(plane is EQUAL_PROBABILITY)
        )
        self.map_area.hint.dismissed.connect(self._settings.dismiss_hint)
        self.explorer.train_requested.connect(self.commands.show_train_dialog)
        self.explorer.images_dropped.connect(self.commands.show_images_dialog)
        self.comparison.explorer_added.connect(self._on_explorer_added)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_theme_changed)

    # What scripts and commands call

    @property
    def frame(self) -> QMainWindow:
        """The widget that dialogs open over."""
        return self

    @property
    def actions_by_name(self) -> dict[str, QAction]:
        """The actions of all commands."""
        return self._actions

    @property
    def explorers(self) -> list[Explorer]:
        """All explorers, from left to right."""
        return [self.explorer, *self.comparison.others]

    @property
    def under_the_cursor(self) -> Explorer:
        """The explorer on which the cursor moved last."""
        return self.comparison.link.leader or self.explorer

    def open_model(self, name: str | Path) -> None:
        """Open a pretrained model, a run or a file on the first map. The open model stays until the file has proved good."""
        self.explorer.open_model(name)

    def reset_layout(self) -> None:
        if self.comparison.on:
            self.comparison.reset_layout()
        else:
            self.explorer.reset_layout()

    def choose_theme(self, choice: str) -> None:
        """Set the theme, and keep it for the next start."""
        self._settings.theme = choice
        self.set_theme(choice)

    def set_theme(self, choice: str) -> None:
        """Set the theme 'light', 'dark' or 'system'."""
        self._theme_choice = choice
        for action in self._themes.actions():
            action.setChecked(action.objectName() == f"view.theme.{choice}")
        self.theme = theme = themes.resolve(choice)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        themes.apply(app, theme)
        for explorer in self.explorers:
            explorer.set_theme(theme)
        for command in COMMANDS:
            if command.icon:
                self.actions_by_name[command.name].setIcon(icon(command.icon, theme))
        self._play_icons = {playing: icon("pause" if playing else "play", theme) for playing in (False, True)}
        self._update_actions()

    # Events

    def event(self, event: QEvent) -> bool:
        """Let Space press a button with the focus. Elsewhere Space plays the path."""
        pressed = (
            event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        )
        if pressed and isinstance(QApplication.focusWidget(), QAbstractButton):
            event.accept()
            return True
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.session.part(TrainingState).running and not self._closing:
            event.ignore()
            ask_before_closing(self, self.close_and_keep)
            return
        self._settings.keep_layout(self.saveGeometry(), self.comparison.single_layout)
        self.hide()  # a thread that imports torch takes seconds to end
        self.comparison.shut_down()
        self.session.workspace.shut_down()
        self.explorer.shut_down()
        event.accept()
        self.closed.emit()

    @property
    def is_closing(self) -> bool:
        """Whether the person can no longer read the banner."""
        return self._closing or not self.isVisible()

    def close_and_keep(self) -> None:
        """Stop a run, save its model, and close without a question."""
        self._closing = True
        if self.session.part(TrainingState).running:
            self.session.part(TrainingState).stop(CLOSE_PATIENCE)
        else:
            self.close()

    @Slot()
    def _on_training_started(self) -> None:
        self.explorer.docks.show_training(True)

    @Slot()
    def _on_training_stopped(self) -> None:
        self._update_actions()
        if self._closing:
            self.close()

    @Slot(object)
    def _on_explorer_added(self, explorer: Explorer) -> None:
        explorer.set_theme(themes.resolve(self._theme_choice))
        explorer.train_requested.connect(self.commands.show_train_dialog)
        explorer.images_dropped.connect(self.commands.show_images_dialog)
        explorer.session.notice_raised.connect(self.status_bar.show_notice)

    @Slot()
    def _on_system_theme_changed(self) -> None:
        if self._theme_choice == themes.SYSTEM:
            self.set_theme(themes.SYSTEM)

    def _update_actions(self, *_: object) -> None:
        session = self.session
        path, playing, training = (
            session.workspace.path.path,
            session.workspace.player.playing,
            session.part(TrainingState).running,
        )
        enabled = {
            "edit.undo": session.workspace.undo_stack.canUndo(),
            "edit.redo": session.workspace.undo_stack.canRedo(),
            "path.clear": bool(path.points),
            "path.play": path.is_complete,
            "path.export": path.is_complete,
            "model.train": not training,
            "model.stop": training,
            "data.place": has_encoder(session.model),
            "data.download": not session.images.downloading,
            "data.cancel_download": session.images.downloading,
        }
        if (enabled, playing, self._play_icons) == self._shown_state:
            return
        self._shown_state = (enabled, playing, self._play_icons)
        for name, on in enabled.items():
            self.actions_by_name[name].setEnabled(on)
        play = self.actions_by_name["path.play"]
        play.setText(self.tr("&Pause") if playing else self.tr("&Play"))
        play.setIcon(self._play_icons[playing])

    def _restore(self) -> None:
        """Restore the size and the layout of the last start. The hint comes until a person dismisses it."""
        self.resize(_FIRST_SIZE.boundedTo(self.screen().availableSize() - _FRAME))
        self.restoreGeometry(self._settings.geometry)
        self.explorer.resize(self.size() - _BARS)  # the docks are sized before Qt lays the window out
        if self._settings.layout.isEmpty():
            self.explorer.docks.size()
        else:
            self.explorer.restoreState(self._settings.layout)
            self.explorer.docks.withdraw()
        self.explorer.docks.show_training(False)
        if not self._settings.hint_dismissed:
            hint = (locations.resources() / "help" / "hint.txt").read_text("utf-8").strip()
            self.map_area.hint.show_message(hint, copyable=False)

"""The main window: lays out and wires, decides nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow

from vae_explorer import locations
from vae_explorer.errors import UserError
from vae_explorer.gui import presenters
from vae_explorer.gui import theme as themes
from vae_explorer.gui.actions import COMMANDS, make_actions
from vae_explorer.gui.commands import Commands
from vae_explorer.gui.dialogs.closing import ask_before_closing
from vae_explorer.gui.docks import Docks
from vae_explorer.gui.icons import app_icon, icon
from vae_explorer.gui.map_area import MapArea
from vae_explorer.gui.map_drawing import MapDrawing
from vae_explorer.gui.menus import add_model_menus, add_view_menus, make_menus
from vae_explorer.gui.overlays import overlay_types
from vae_explorer.gui.player import LOOP, ONCE, PING_PONG
from vae_explorer.gui.session import Session
from vae_explorer.gui.session.training import CLOSE_PATIENCE
from vae_explorer.gui.settings import Settings
from vae_explorer.gui.views.decoder_panel import DecoderPanel
from vae_explorer.gui.views.inspector_panel import InspectorPanel
from vae_explorer.gui.views.latent_view import LatentView
from vae_explorer.gui.views.model_panel import ModelPanel
from vae_explorer.gui.views.path_panel import PathPanel
from vae_explorer.gui.views.status_bar import StatusBar
from vae_explorer.gui.views.training_panel import TrainingPanel
from vae_explorer.latent.paths import MAX_FRAMES, MIN_FRAMES
from vae_explorer.models.catalogue import find_model
from vae_explorer.training.config import TrainConfig

_FIRST_SIZE = QSize(1280, 800)
_FRAME = QSize(2, 32)  # what a window manager puts around a window
_REACH = 9  # pixels within which a code counts as hovered


class MainWindow(QMainWindow):
    session: Session
    latent_view: LatentView
    commands: Commands

    def __init__(self, session: Session, settings: Settings, diagnostics: str = "") -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowIcon(app_icon())
        self.session, self._settings = session, settings
        session.setParent(self)
        self.commands = Commands(self, diagnostics)
        self._theme_choice = settings.theme
        self._closing = False
        self._make_views()
        self.actions_by_name: dict[str, QAction] = make_actions(self)
        self._overlays = [kind(self.latent_view, session, self) for kind in overlay_types()]
        self._make_menus()
        self._fill_panels()
        self._connect_panels()
        self._connect_map()
        self._connect_actions()
        self._shown_state: object = None
        self.set_theme(self._theme_choice)
        self._restore()

    # Layout

    def _make_views(self) -> None:
        self.latent_view = LatentView()
        self._drawing = MapDrawing(self.latent_view.codes_item, self)
        self.map_area = MapArea(self.latent_view)
        self.setCentralWidget(self.map_area)
        self.model_panel, self.decoder_panel, self.inspector_panel = ModelPanel(), DecoderPanel(), InspectorPanel()
        self.training_panel = TrainingPanel()
        modes = ((PING_PONG, self.tr("Ping-pong")), (LOOP, self.tr("Loop")), (ONCE, self.tr("Once")))
        self.path_panel = PathPanel(modes, (MIN_FRAMES, MAX_FRAMES))
        self.image_view, self.film_strip = self.decoder_panel.image_view, self.path_panel.film_strip
        self.status_bar = StatusBar()
        self.setStatusBar(self.status_bar)
        self._docks = Docks(
            self,
            {
                "modelDock": self.model_panel,
                "decoderDock": self.decoder_panel,
                "inspectorDock": self.inspector_panel,
                "trainingDock": self.training_panel,
                "pathDock": self.path_panel,
            },
        )

    def _make_menus(self) -> None:
        menus = make_menus(self, self.actions_by_name)
        add_model_menus(menus["file"], self.actions_by_name["file.save_model_as"], self.open_model)
        menus["view"].addSeparator()
        self._themes = add_view_menus(menus["view"], self._docks.all(), self._theme_choice, self.choose_theme)

    def _fill_panels(self) -> None:
        for overlay in self._overlays:
            self.model_panel.add_overlay(overlay.name, self.tr(overlay.title), self.tr(overlay.tip), True)
        actions = self.actions_by_name
        self.path_panel.add_actions([actions["path.play"]], before_slider=True)
        self.path_panel.add_actions([actions["path.clear"], actions["path.export"]], before_slider=False)

    # Wiring

    def _connect_panels(self) -> None:
        session = self.session
        presenters.DecoderPresenter(self.decoder_panel, session)
        presenters.InspectorPresenter(self.inspector_panel, session)
        presenters.ModelPresenter(self.model_panel, session)
        presenters.PathPresenter(self.path_panel, session)
        presenters.TrainingPresenter(self.training_panel, session)
        presenters.StatusPresenter(self.status_bar, session)
        self.model_panel.train_requested.connect(self.commands.show_train_dialog)
        self.model_panel.overlay_toggled.connect(self._on_overlay_toggled)
        self.model_panel.legend.hidden_changed.connect(self.latent_view.set_hidden_classes)
        self.model_panel.legend.hidden_changed.connect(session.codes_index.set_hidden)

    def _connect_map(self) -> None:
        session, view = self.session, self.latent_view
        view.cursor_moved.connect(lambda z: session.move_cursor(z, self.hover_reach()))
        view.cursor_left.connect(session.leave_map)
        view.clicked.connect(self._on_clicked)
        view.double_clicked.connect(self._on_double_clicked)
        view.click_missed.connect(session.forget_click)
        session.cursor_changed.connect(lambda cursor: view.set_cursor_point(cursor.z))
        session.problem_raised.connect(self.map_area.banner.show_message)
        session.loading.model_loaded.connect(self.map_area.banner.dismiss_if_shown)
        self._drawing.failed.connect(session.problem_raised)
        view.mouse_moved.connect(session.activity.stir)
        view.getViewBox().sigRangeChangedManually.connect(session.activity.stir)
        view.codes_set.connect(session.codes_index.set_codes)
        view.codes_dropped.connect(self._on_codes_dropped)
        session.path.decoded.connect(self.map_area.hint.dismiss_if_shown)
        self.map_area.hint.dismissed.connect(self._settings.dismiss_hint)

    def _connect_actions(self) -> None:
        session, stack = self.session, self.session.undo_stack
        for signal in (
            session.training.changed,
            session.path.changed,
            session.player.playing_changed,
            session.loading.busy_changed,
            stack.canUndoChanged,
            stack.canRedoChanged,
        ):
            signal.connect(self._update_actions)
        session.training.stopped.connect(self._on_training_stopped)
        session.model_changed.connect(lambda model: self.setWindowTitle(f"{model.card.name} – VAE Explorer"))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_theme_changed)

    # What scripts and commands call

    def hover_reach(self) -> float:
        """How far, in latent units, the cursor may be from a code that it is on."""
        return _REACH * self.latent_view.units_per_pixel()

    def open_model(self, name: str | Path) -> None:
        """Open a pretrained model, a run or a file; what is open stays open until that has proved good."""
        try:
            path = find_model(str(name))
        except UserError as error:
            self.session.problem_raised.emit(str(error), "")
        else:
            self.session.loading.open_model(path)

    @Slot(object)
    def start_training(self, config: TrainConfig) -> None:
        self._docks.show_training(True)
        self.session.training.start(config, self.session.data_dir)

    def reset_layout(self) -> None:
        self._docks.reset(training=self.session.training.progress is not None)

    def choose_theme(self, choice: str) -> None:
        """`set_theme`, remembered for the next start."""
        self._settings.theme = choice
        self.set_theme(choice)

    def set_theme(self, choice: str) -> None:
        """'light', 'dark' or 'system'."""
        self._theme_choice = choice
        for action in self._themes.actions():
            action.setChecked(action.objectName() == f"view.theme.{choice}")
        theme = themes.resolve(choice)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        themes.apply(app, theme)
        for panel in (self.latent_view, self.decoder_panel, self.inspector_panel, self.path_panel, self.training_panel):
            panel.set_theme(theme)
        for overlay in self._overlays:
            overlay.set_theme(theme)
        for command in COMMANDS:
            if command.icon:
                self.actions_by_name[command.name].setIcon(icon(command.icon, theme))
        self._play_icons = {playing: icon("pause" if playing else "play", theme) for playing in (False, True)}
        self._update_actions()

    # Events

    def event(self, event: QEvent) -> bool:
        """Space presses the button that has the focus, and plays the path where no button has it."""
        pressed = (
            event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        )
        if pressed and isinstance(QApplication.focusWidget(), QAbstractButton):
            event.accept()
            return True
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.session.training.running and not self._closing:
            event.ignore()
            ask_before_closing(self, self._close_after_training)
            return
        self._settings.keep_layout(self.saveGeometry(), self.saveState())
        self.hide()  # a thread that is importing torch cannot be hurried; nobody needs to watch
        self._drawing.shut_down()
        self.session.shut_down()
        event.accept()

    def _close_after_training(self) -> None:
        self._closing = True
        if self.session.training.running:
            self.session.training.stop(CLOSE_PATIENCE)
        else:
            self.close()

    @Slot()
    def _on_training_stopped(self) -> None:
        self._update_actions()
        if self._closing:
            self.close()

    @Slot(object, object)
    def _on_clicked(self, z: tuple[float, float], modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.session.forget_click()
            self.session.pin_nearest(z)
            return
        point = self.session.codes_index.snapped(z) if modifiers & Qt.KeyboardModifier.ControlModifier else z
        self.session.click(point)

    @Slot(int)
    def _on_codes_dropped(self, count: int) -> None:
        text = self.tr("{:,} codes are no finite numbers and are not on the map; train the model again, or look into its data")
        self.session.problem_raised.emit(text.format(count), "")

    @Slot(object)
    def _on_double_clicked(self, z: tuple[float, float]) -> None:
        self.session.take_back_click()
        self.latent_view.centre_on(z)

    @Slot(str, bool)
    def _on_overlay_toggled(self, name: str, visible: bool) -> None:
        for overlay in self._overlays:
            if overlay.name == name:
                overlay.set_visible(visible)

    @Slot()
    def _on_system_theme_changed(self) -> None:
        if self._theme_choice == themes.SYSTEM:
            self.set_theme(themes.SYSTEM)

    def _update_actions(self, *_: object) -> None:
        session = self.session
        path, playing, training = session.path.path, session.player.playing, session.training.running
        enabled = {
            "edit.undo": session.undo_stack.canUndo(),
            "edit.redo": session.undo_stack.canRedo(),
            "path.clear": bool(path.points),
            "path.play": path.is_complete,
            "path.export": path.is_complete,
            "model.train": not training,
            "model.stop": training,
            "data.download": not session.loading.downloading,
            "data.cancel_download": session.loading.downloading,
        }
        if (enabled, playing, self._play_icons) == self._shown_state:
            return
        self._shown_state = (enabled, playing, self._play_icons)
        for name, on in enabled.items():
            self.actions_by_name[name].setEnabled(on)
        self.model_panel.set_training(training)
        play = self.actions_by_name["path.play"]
        play.setText(self.tr("&Pause") if playing else self.tr("&Play"))
        play.setIcon(self._play_icons[playing])

    def _restore(self) -> None:
        """Size and layout as they were left; the hint, until it has been dismissed once."""
        self.resize(_FIRST_SIZE.boundedTo(self.screen().availableSize() - _FRAME))
        self.restoreGeometry(self._settings.geometry)
        if self._settings.layout.isEmpty():
            self._docks.size()
        else:
            self.restoreState(self._settings.layout)
        self._docks.show_training(False)
        if not self._settings.hint_dismissed:
            hint = (locations.resources() / "help" / "hint.txt").read_text("utf-8").strip()
            self.map_area.hint.show_message(hint, copyable=False)

"""The main window: lays out and wires, decides nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMessageBox,
    QWidget,
)

from vae_explorer import locations
from vae_explorer.errors import UserError
from vae_explorer.gui import file_dialogs
from vae_explorer.gui import theme as themes
from vae_explorer.gui.actions import COMMANDS, make_actions
from vae_explorer.gui.dialogs.help import about_dialog, shortcuts_dialog
from vae_explorer.gui.dialogs.train_dialog import TrainDialog
from vae_explorer.gui.icons import app_icon, icon
from vae_explorer.gui.map_area import MapArea
from vae_explorer.gui.menus import add_model_menus, add_view_menus, make_menus
from vae_explorer.gui.overlays import overlay_types
from vae_explorer.gui.player import LOOP, ONCE, PING_PONG
from vae_explorer.gui.presenters import DecoderPresenter, InspectorPresenter, ModelPresenter, PathPresenter, TrainingPresenter
from vae_explorer.gui.session import LatentPath, OpenModel, Session
from vae_explorer.gui.settings import Settings
from vae_explorer.gui.views.decoder_panel import DecoderPanel
from vae_explorer.gui.views.image_view import to_qimage
from vae_explorer.gui.views.inspector_panel import InspectorPanel
from vae_explorer.gui.views.latent_view import LatentView
from vae_explorer.gui.views.model_panel import ModelPanel
from vae_explorer.gui.views.path_panel import PathPanel
from vae_explorer.gui.views.training_panel import TrainingPanel
from vae_explorer.latent.paths import MAX_FRAMES, MIN_FRAMES
from vae_explorer.models.catalogue import find_model
from vae_explorer.training.config import TrainConfig

_REACH = 9  # pixels within which a code counts as hovered
_SIDE_WIDTH, _DECODER_WIDTH = 232, 308
_ALL_THERE_IS = 10_000  # pixels


class MainWindow(QMainWindow):
    session: Session
    latent_view: LatentView

    def __init__(self, session: Session, settings: Settings, diagnostics: str = "") -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowIcon(app_icon())
        self.session, self._settings, self._diagnostics = session, settings, diagnostics
        session.setParent(self)
        self._theme_choice = settings.theme
        self._closing = False
        self._make_views()
        self._actions = make_actions(self)
        self._docks = self._make_docks()
        self._initial_layout = self.saveState()
        self._overlays = [kind(self.latent_view, session, self) for kind in overlay_types()]
        self._make_menus()
        self._fill_panels()
        self._make_status_bar()
        self._connect()
        self.set_theme(self._theme_choice)
        self._restore_layout()
        self._update_actions()

    # Layout

    def _make_views(self) -> None:
        self.latent_view = LatentView()
        self.map_area = MapArea(self.latent_view)
        self.setCentralWidget(self.map_area)
        self.model_panel, self.decoder_panel, self.inspector_panel = ModelPanel(), DecoderPanel(), InspectorPanel()
        self.training_panel = TrainingPanel()
        modes = ((PING_PONG, self.tr("Ping-pong")), (LOOP, self.tr("Loop")), (ONCE, self.tr("Once")))
        self.path_panel = PathPanel(modes, (MIN_FRAMES, MAX_FRAMES))
        self.image_view = self.decoder_panel.image_view
        self.film_strip = self.path_panel.film_strip

    def _make_docks(self) -> list[QDockWidget]:
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        left, right, bottom = (
            Qt.DockWidgetArea.LeftDockWidgetArea,
            Qt.DockWidgetArea.RightDockWidgetArea,
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        docks = [
            self._dock("modelDock", self.tr("MODEL"), self.model_panel, left),
            self._dock("decoderDock", self.tr("DECODER"), self.decoder_panel, right),
            self._dock("inspectorDock", self.tr("INSPECTED CODE"), self.inspector_panel, right),
            self._dock("trainingDock", self.tr("TRAINING"), self.training_panel, left),
            self._dock("pathDock", self.tr("PATH"), self.path_panel, bottom),
        ]
        self._size_docks(docks)
        docks[3].hide()
        return docks

    def _size_docks(self, docks: list[QDockWidget]) -> None:
        """The columns' widths; in the right one the decoded image takes what height the inspector leaves."""
        self.resizeDocks(docks[:2], [_SIDE_WIDTH, _DECODER_WIDTH], Qt.Orientation.Horizontal)
        self.resizeDocks(docks[1:3], [_ALL_THERE_IS, 1], Qt.Orientation.Vertical)

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _make_menus(self) -> None:
        menus = make_menus(self, self._actions)
        add_model_menus(menus["file"], self._actions["file.save_model_as"], self.open_model)
        menus["view"].addSeparator()
        add_view_menus(menus["view"], self._docks, self._theme_choice, self.choose_theme)

    def _fill_panels(self) -> None:
        for overlay in self._overlays:
            self.model_panel.add_overlay(overlay.name, self.tr(overlay.title), self.tr(overlay.tip), True)
        self.path_panel.add_actions([self._actions["path.play"]], before_slider=True)
        self.path_panel.add_actions([self._actions["path.clear"], self._actions["path.export"]], before_slider=False)

    def _make_status_bar(self) -> None:
        self._status = {name: QLabel() for name in ("statusModel", "statusData", "statusDevice", "statusDecode")}
        for name, widget in self._status.items():
            widget.setObjectName(name)
            self.statusBar().addPermanentWidget(widget)
        self._status["statusDevice"].setText(self.tr("decoding on the cpu"))
        self._status["statusDecode"].setText(self.tr("decoder is starting…"))
        self._status["statusDecode"].setMinimumWidth(140)

    # Wiring

    def _connect(self) -> None:
        session, view = self.session, self.latent_view
        DecoderPresenter(self.decoder_panel, session)
        InspectorPresenter(self.inspector_panel, session)
        ModelPresenter(self.model_panel, session)
        PathPresenter(self.path_panel, session)
        TrainingPresenter(self.training_panel, session)
        view.cursor_moved.connect(lambda z: session.move_cursor(z, self.hover_reach()))
        view.cursor_left.connect(session.leave_map)
        view.clicked.connect(self._on_clicked)
        view.double_clicked.connect(self._on_double_clicked)
        session.cursor_changed.connect(lambda cursor: view.set_cursor_point(cursor.z))
        self.model_panel.train_requested.connect(self.show_train_dialog)
        self.model_panel.overlay_toggled.connect(self._on_overlay_toggled)
        self.model_panel.legend.hidden_changed.connect(view.set_hidden_classes)
        self.map_area.hint.dismissed.connect(self._settings.dismiss_hint)
        self._connect_messages()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_theme_changed)

    def _connect_messages(self) -> None:
        session = self.session
        session.problem_raised.connect(self.map_area.banner.show_message)
        session.notice_raised.connect(lambda text: self.statusBar().showMessage(text, 8000))
        session.model_changed.connect(self._on_model_changed)
        session.model_saved.connect(self._on_model_changed)
        session.decode_timed.connect(self._on_decode_timed)
        session.loading.download_progressed.connect(self._on_download_progressed)
        session.loading.download_ended.connect(self._update_actions)
        session.training.changed.connect(self._update_actions)
        session.training.stopped.connect(self._on_training_stopped)
        session.path.changed.connect(self._update_actions)
        session.path.decoded.connect(self._on_path_decoded)
        session.player.playing_changed.connect(self._update_actions)
        stack = session.undo_stack
        for signal in (stack.canUndoChanged, stack.canRedoChanged, stack.undoTextChanged, stack.redoTextChanged):
            signal.connect(self._update_actions)

    def hover_reach(self) -> float:
        """How far, in latent units, the cursor may be from a code that it is on."""
        return _REACH * self.latent_view.units_per_pixel()

    # Commands

    def open_model(self, name: str | Path) -> None:
        """Open a pretrained model, a run or a file; what is open stays open until that has proved good."""
        try:
            path = find_model(str(name))
        except UserError as error:
            self.session.problem_raised.emit(str(error), "")
        else:
            self.session.loading.open_model(path)

    def ask_for_model(self) -> None:
        file_dialogs.ask_to_open(self, self.open_model)

    def ask_where_to_save(self) -> None:
        if self.session.model is not None:
            file_dialogs.ask_to_save(self, self.session.model.card.name, self.session.save_model)

    def ask_where_to_export(self) -> None:
        if self.session.model is not None:
            file_dialogs.ask_to_export(self, f"{self.session.model.card.name}-path", self.session.export_path)

    def show_train_dialog(self) -> None:
        dialog = TrainDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.train_requested.connect(self._on_train_requested)
        dialog.open()

    def show_shortcuts(self) -> None:
        shortcuts_dialog(list(self._actions.values()), self).open()

    def show_about(self) -> None:
        about_dialog(self._diagnostics, self).open()

    def copy_image(self) -> None:
        QGuiApplication.clipboard().setImage(to_qimage(self.image_view.image()))

    def copy_z(self) -> None:
        QGuiApplication.clipboard().setText("{:.6g} {:.6g}".format(*self.session.cursor.z))

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def reset_layout(self) -> None:
        self.restoreState(self._initial_layout)
        self._size_docks(self._docks)
        self._docks[3].setVisible(self.session.training.progress is not None)

    def choose_theme(self, choice: str) -> None:
        self._settings.theme = choice
        self.set_theme(choice)

    def set_theme(self, choice: str) -> None:
        """'light', 'dark' or 'system'."""
        self._theme_choice = choice
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
                self._actions[command.name].setIcon(icon(command.icon, theme))
        self._icons = {name: icon(name, theme) for name in ("play", "pause")}
        self._update_actions()

    # Events

    def event(self, event: QEvent) -> bool:
        """Space presses the button that has the focus, and plays the path only where no button has it."""
        pressed = (
            event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        )
        if pressed and isinstance(QApplication.focusWidget(), QAbstractButton | QComboBox):
            event.accept()
            return True
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.session.training.running and not self._closing:
            event.ignore()
            self._ask_before_closing()
            return
        self._settings.keep_layout(self.saveGeometry(), self.saveState())
        self.session.shut_down()
        event.accept()

    def _ask_before_closing(self) -> None:
        text = self.tr("A model is being trained. Stop the training and close?")
        question = QMessageBox(QMessageBox.Icon.Question, self.tr("Training is running"), text, parent=self)
        question.setObjectName("closeDialog")
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stop = question.addButton(self.tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole)
        stop.setObjectName("closeStop")
        keep = question.addButton(self.tr("Keep training"), QMessageBox.ButtonRole.RejectRole)
        keep.setObjectName("closeKeep")
        stop.clicked.connect(self._close_after_training)
        question.open()

    def _close_after_training(self) -> None:
        self._closing = True
        if self.session.training.running:
            self.session.training.stop()
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
            self.session.pin_nearest(z)
            return
        point = self.session.nearest_code(z) if modifiers & Qt.KeyboardModifier.ControlModifier else z
        self.session.pick(point)
        self.session.path.click(point)

    @Slot(object)
    def _on_double_clicked(self, z: tuple[float, float]) -> None:
        self.session.path.take_back_click()
        self.latent_view.centre_on(z)

    @Slot(str, bool)
    def _on_overlay_toggled(self, name: str, visible: bool) -> None:
        for overlay in self._overlays:
            if overlay.name == name:
                overlay.set_visible(visible)

    @Slot(object)
    def _on_train_requested(self, config: TrainConfig) -> None:
        self._docks[3].show()
        self.session.training.start(config, self.session.data_dir)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self.setWindowTitle(f"{model.card.name} – VAE Explorer")
        self._status["statusModel"].setText(model.card.name)
        self._status["statusData"].setText(self.tr("{:,} codes of {}").format(len(model.file.codes), model.card.dataset))

    @Slot(object)
    def _on_path_decoded(self, _: object) -> None:
        """Who has laid a path needs the hint no longer."""
        if self.map_area.hint.isVisible():
            self.map_area.hint.dismiss()

    @Slot(float)
    def _on_decode_timed(self, milliseconds: float) -> None:
        self._status["statusDecode"].setText(self.tr("decoded in {:.1f} ms").format(milliseconds))

    @Slot(str, int, int)
    def _on_download_progressed(self, file: str, done: int, total: int) -> None:
        share = f" {100 * done // total} %" if total else ""
        self.statusBar().showMessage(self.tr("Downloading {}{}, Data ▸ Cancel download stops it").format(file, share), 4000)

    @Slot()
    def _on_system_theme_changed(self) -> None:
        if self._theme_choice == themes.SYSTEM:
            self.set_theme(themes.SYSTEM)

    def _update_actions(self, *_: object) -> None:
        path: LatentPath = self.session.path.path
        stack, playing, training = self.session.undo_stack, self.session.player.playing, self.session.training.running
        enabled = {
            "edit.undo": stack.canUndo(),
            "edit.redo": stack.canRedo(),
            "path.clear": bool(path.points),
            "path.play": path.is_complete,
            "path.export": path.is_complete,
            "model.train": not training,
            "model.stop": training,
        }
        for name, on in enabled.items():
            self._actions[name].setEnabled(on)
        play: QAction = self._actions["path.play"]
        play.setText(self.tr("&Pause") if playing else self.tr("&Play"))
        play.setIcon(self._icons["pause" if playing else "play"])

    def _restore_layout(self) -> None:
        self.resize(1280, 800)
        self.restoreGeometry(self._settings.geometry)
        if not self._settings.layout.isEmpty():
            self.restoreState(self._settings.layout)
        self._docks[3].hide()
        if not self._settings.hint_dismissed:
            hint = (locations.resources() / "help" / "hint.txt").read_text("utf-8").strip()
            self.map_area.hint.show_message(hint, copyable=False)

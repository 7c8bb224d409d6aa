"""One model on its map with every panel around it: makes them and wires them to one session. A window holds one or more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLayout, QMainWindow, QWidget

from vae_explorer.errors import UserError
from vae_explorer.foreign import short
from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.dialogs import file_dialogs
from vae_explorer.gui.docks import Docks, is_narrow
from vae_explorer.gui.features.base import Overlays
from vae_explorer.gui.features.feature import Context, Panel, TakesActions
from vae_explorer.gui.features.table import FEATURES, with_overlays, with_panels
from vae_explorer.gui.kit.kept import Keeper, Kept
from vae_explorer.gui.kit.model_choice import ModelChoice
from vae_explorer.gui.kit.pane import FitsPane, Pane
from vae_explorer.gui.kit.theme import Theme, Themed
from vae_explorer.gui.map.area import MapArea
from vae_explorer.gui.map.drawing import MapDrawing
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.plane import FAR
from vae_explorer.models.catalogue import SUFFIX, find_model, finished_runs, pretrained_models


class Explorer(Guarded, QMainWindow):
    """A QMainWindow for its docks alone: it lies inside the window and has neither menus nor a status bar."""

    train_requested = Signal()
    image_dropped = Signal(object)  # Path

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setObjectName("explorer")
        layout = self.layout()
        assert layout is not None
        # Until the explorer has a parent, Qt would fix the explorer's first least size for ever.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setAcceptDrops(True)
        self.session = session
        session.setParent(self)
        self._make_views()
        overlays = [feature.overlay_type()(self.latent_view, session, self) for feature in with_overlays()]
        self.overlays = Overlays(overlays, self)
        self._context = Context(session, self.map_area, self.overlays, self._panels, self.docks, self)
        for feature in FEATURES:
            feature.present(self._context)
        self._connect_map()
        self._connect_choice()

    def _make_views(self) -> None:
        self.latent_view = LatentView()
        self.drawing = MapDrawing(self.latent_view.codes_item, self)
        self.map_area = MapArea(self.latent_view)
        self.setCentralWidget(self.map_area)
        self.model_choice = ModelChoice()
        self.model_choice.hide()  # until there are maps to tell apart
        self.setMenuWidget(self.model_choice)
        self._panels = {feature.name: feature.make_panel() for feature in with_panels()}
        self.docks = Docks(self, self._panels)

    # Wiring

    def _connect_map(self) -> None:
        session, view = self.session, self.latent_view
        view.cursor_moved.connect(session.cursor.move)
        view.cursor_left.connect(session.cursor.leave)
        view.clicked.connect(self._on_clicked)
        view.double_clicked.connect(self._on_double_clicked)
        view.click_missed.connect(session.frames.forget_click)
        session.cursor.moved.connect(view.set_cursor_point)
        session.problem_raised.connect(self.map_area.banner.show_message)
        session.opener.loaded.connect(self.map_area.banner.dismiss_if_shown)  # what was wrong before is mended
        self.drawing.failed.connect(session.problem_raised)
        session.opener.slow_file_changed.connect(self._on_opening_lasts)
        self.map_area.opening.dismissed.connect(session.opener.give_up)
        view.mouse_moved.connect(session.workspace.activity.mark_busy)
        view.getViewBox().sigRangeChangedManually.connect(session.workspace.activity.mark_busy)
        view.codes_set.connect(session.codes_index.set_codes)
        view.plane_changed.connect(session.codes_index.set_plane)
        view.codes_dropped.connect(self._on_codes_dropped)
        session.frames.decoded.connect(self.map_area.hint.dismiss_if_shown)

    def _connect_choice(self) -> None:
        choice = self.model_choice
        choice.about_to_open.connect(self._list_models)
        choice.chosen.connect(self._on_chosen)
        choice.file_wanted.connect(lambda: file_dialogs.ask_to_open(self, self.open_model))
        self.session.model_changed.connect(self._on_model_changed)
        self.session.model_saved.connect(self._on_model_changed)

    # What the window and scripts call

    def panel(self, kind: type[Panel]) -> Panel:
        """The panel of this type. Raises `KeyError` where no feature has such a panel."""
        for panel in self._panels.values():
            if isinstance(panel, kind):
                return panel
        raise KeyError(kind.__name__)

    def set_actions(self, actions: Mapping[str, QAction]) -> None:
        """Offer the window's actions to the panels, by name."""
        for panel in self._panels.values():
            if isinstance(panel, TakesActions):
                panel.set_actions(actions)

    def open_model(self, name: str | Path) -> None:
        """Open a pretrained model, a run or a file; what is open stays open until that has proved good."""
        try:
            path = find_model(str(name))
        except UserError as error:
            self.session.problem_raised.emit(str(error), "")
        else:
            self.session.opener.open(path)

    def ask_for_image(self, use: Callable[[Path], object]) -> None:
        """Ask the person for an image file, and call `use` with its path."""
        file_dialogs.ask_for_image(self, use)

    def request_training(self) -> None:
        """Ask the window to open the training dialog."""
        self.train_requested.emit()

    @property
    def keepers(self) -> tuple[Keeper, ...]:
        """What a record of this explorer holds; the docks come first, as the view needs the room that they leave."""
        panels = (panel for panel in self._panels.values() if isinstance(panel, Keeper))
        return (self.docks, *self.session.keepers, *panels, self.latent_view)

    def kept(self) -> dict[str, Kept]:
        """A record of what a person has chosen here, by the names of the keepers; the model is not in it."""
        return {keeper.kept_as: keeper.kept() for keeper in self.keepers}

    def take_back(self, kept: Mapping[str, Kept]) -> None:
        """Be again as `kept` says. A keeper without a record stays as it is."""
        for keeper in self.keepers:
            if keeper.kept_as in kept:
                keeper.take_back(kept[keeper.kept_as])

    def arrange(self, size: QSize) -> None:
        """Fit into a pane of `size` pixels beside other maps."""
        self._set_pane(Pane.NARROW if is_narrow(size) else Pane.WIDE)
        self.docks.arrange(size)

    def fill_window(self) -> None:
        """Take the whole window again. The caller brings the docks back."""
        self._set_pane(Pane.WHOLE)
        self.docks.make_path_low(False)

    def _set_pane(self, pane: Pane) -> None:
        is_compared = pane is not Pane.WHOLE
        if is_compared and self.model_choice.isHidden():
            self._list_models()
        self.model_choice.setVisible(is_compared)
        for widget in (self.map_area, *self._panels.values()):
            if isinstance(widget, FitsPane):
                widget.set_pane(pane)

    def set_theme(self, theme: Theme) -> None:
        for themed in (self.map_area, *self._panels.values(), self.overlays):
            if isinstance(themed, Themed):
                themed.set_theme(theme)

    def reset_layout(self) -> None:
        self.docks.reset()

    def shut_down(self) -> None:
        """End every thread and wait for it."""
        self.drawing.shut_down()
        self.session.shut_down()

    # Events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A model is opened, anything else taken for an image. Of several files the first one."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            (self.open_model if paths[0].suffix == SUFFIX else self.image_dropped.emit)(paths[0])

    @Slot()
    def _list_models(self) -> None:
        groups = (pretrained_models(), finished_runs())
        self.model_choice.set_choices([{name: path.absolute() for name, path in group.items()} for group in groups])

    @Slot(object)
    def _on_chosen(self, path: Path | None) -> None:
        """The model that is open already stays, and one that is on its way in its place does not come."""
        if self.session.model is not None and path == _absolute(self.session.model.path):
            self.session.opener.give_up()
        elif path is not None:
            self.session.opener.open(path)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        facts = self.tr("{} on {}").format(model.card.spec.family, model.card.dataset)
        self.model_choice.set_model(model.name, _absolute(model.path), facts)

    @Slot(object, object)
    def _on_clicked(self, z: tuple[float, float], modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.session.frames.forget_click()
            self.session.cursor.pin_nearest(z)
            return
        point = self.session.codes_index.snapped(z) if modifiers & Qt.KeyboardModifier.ControlModifier else z
        self.session.frames.click(point)

    @Slot(object)
    def _on_double_clicked(self, z: tuple[float, float]) -> None:
        self.session.frames.take_back_click()
        self.latent_view.centre_on(z)

    @Slot(int)
    def _on_codes_dropped(self, count: int) -> None:
        text = self.tr("{:,} of {:,} codes are no numbers or lie beyond ±{}, and are not shown.")
        of = count + self.latent_view.codes_item.count
        if count == of:
            text = self.tr(
                "All {1:,} codes are no numbers or lie beyond ±{2}: the map leaves them out, and Health cannot split the KL term."
            )
        self.session.problem_raised.emit(text.format(count, of, f"{FAR:.0e}".replace("e+0", "e")), "")

    @Slot(object)
    def _on_opening_lasts(self, path: Path | None) -> None:
        """The open model stays usable below the line."""
        if path is None:
            self.map_area.opening.hide()
        else:
            self.map_area.opening.show_message(self.tr("Opening {}…").format(short(path.name)), copyable=False)


def _absolute(path: Path | None) -> Path | None:
    return path.absolute() if path is not None else None

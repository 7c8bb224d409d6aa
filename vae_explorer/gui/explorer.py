"""One map with its panels, built for one session from the table of features. A window holds one explorer or more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLayout, QMainWindow, QWidget

from vae_explorer.errors import UserError
from vae_explorer.gui.choice_presenter import ChoicePresenter
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.dialogs import file_dialogs
from vae_explorer.gui.docks import Docks, is_narrow
from vae_explorer.gui.features.base import Overlays
from vae_explorer.gui.features.feature import Context, Panel, TakesActions
from vae_explorer.gui.features.table import all_features, with_overlays, with_panels
from vae_explorer.gui.kit.kept import Keeper, Kept
from vae_explorer.gui.kit.model_choice import ModelChoice
from vae_explorer.gui.kit.pane import FitsPane, Pane
from vae_explorer.gui.kit.theme import Theme, Themed
from vae_explorer.gui.map.area import MapArea
from vae_explorer.gui.map.drawing import MapDrawing
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.gui.map_presenter import MapPresenter
from vae_explorer.gui.runtime.garbage import collect_after
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.models.catalogue import SUFFIX, find_model
from vae_explorer.models.own.how import SUFFIXES


class Explorer(Guarded, QMainWindow):
    """A QMainWindow inside the window, since Qt docks panels around QMainWindows alone."""

    train_requested = Signal()
    image_dropped = Signal(object)  # Path
    images_dropped = Signal(object)  # Path of a folder or file with many images

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
        self._present()
        collect_after(self)

    def _make_views(self) -> None:
        self.latent_view = LatentView()
        self.drawing = MapDrawing(self.latent_view.codes_item, self)
        self.map_area = MapArea(self.latent_view)
        self.setCentralWidget(self.map_area)
        self.model_choice = ModelChoice()
        self.model_choice.hide()
        self.setMenuWidget(self.model_choice)
        self._panels = {feature.name: feature.make_panel() for feature in with_panels()}
        self.docks = Docks(self, self._panels)

    def _present(self) -> None:
        session = self.session
        overlays = [feature.make_overlay(self.latent_view, session, self) for feature in with_overlays()]
        self.overlays = Overlays([overlay for overlay in overlays if overlay is not None], self)
        self._context = Context(session, self.map_area, self.overlays, self._panels, self.docks, self)
        for feature in all_features():
            feature.present(self._context)
        MapPresenter(self.map_area, session)
        self._choice = ChoicePresenter(self.model_choice, session)
        self.model_choice.file_wanted.connect(lambda: file_dialogs.ask_to_open(self, self.open_model))
        self.drawing.failed.connect(session.problem_raised)

    # What the window and scripts call

    def panel(self, kind: type[Panel]) -> Panel:
        """Return the panel of this type. Raises `KeyError` where no feature has such a panel."""
        return self._context.panel(kind)

    def set_actions(self, actions: Mapping[str, QAction]) -> None:
        """Give panels the window's actions, by name."""
        for panel in self._panels.values():
            if isinstance(panel, TakesActions):
                panel.set_actions(actions)

    def open_model(self, name: str | Path) -> None:
        """Open a pretrained model, a run or a file. The open model stays until the file has proved good."""
        try:
            path = find_model(str(name))
        except UserError as error:
            self.session.problem_raised.emit(str(error), "")
        else:
            self.session.opener.open(path)

    def ask_for_image(self, use: Callable[[Path], object]) -> None:
        """Ask the person for an image file, and call `use` with its path."""
        file_dialogs.ask_for_image(self, use)

    def ask_where_to_export(self, title: str, suggestion: str, use: Callable[[Path], object]) -> None:
        """Ask the person for the file of a picture or animation, and call `use` with its path."""
        file_dialogs.ask_to_export(self, title, suggestion, use)

    def request_training(self) -> None:
        """Ask the window to open the training dialog."""
        self.train_requested.emit()

    @property
    def keepers(self) -> tuple[Keeper, ...]:
        """The parts of a record, in the order of `take_back`. The docks come before the view, whose size they set."""
        panels = (panel for panel in self._panels.values() if isinstance(panel, Keeper))
        return (self.docks, *self.session.keepers, *panels, self.latent_view)

    def kept(self) -> dict[str, Kept]:
        """Return records of the person's choices, by name of the keeper. They do not hold the model."""
        return {keeper.kept_as: keeper.kept() for keeper in self.keepers}

    def take_back(self, kept: Mapping[str, Kept]) -> None:
        """Restore the records. A keeper without a record stays as it is."""
        for keeper in self.keepers:
            if keeper.kept_as in kept:
                keeper.take_back(kept[keeper.kept_as])

    def arrange(self, size: QSize) -> None:
        """Fit into a pane of `size` pixels beside other maps."""
        self._set_pane(Pane.NARROW if is_narrow(size) else Pane.WIDE)
        self.docks.arrange(size)

    def fill_window(self) -> None:
        """Take the whole window again. The caller restores the docks."""
        self._set_pane(Pane.WHOLE)
        self.docks.make_path_low(False)

    def _set_pane(self, pane: Pane) -> None:
        is_compared = pane is not Pane.WHOLE
        if is_compared and self.model_choice.isHidden():
            self._choice.list_models()
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
        """Open the first file: a model or a set of images by its name, any other file as an image."""
        from vae_explorer.image_reading import is_set

        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            path = paths[0]
            opened = self.images_dropped if is_set(path) else self.image_dropped
            (self.open_model if path.suffix.lower() in (SUFFIX, *SUFFIXES) else opened.emit)(path)

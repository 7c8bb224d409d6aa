"""The path on the map: its line, a dot a frame, the current frame, and endpoints to drag."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt

from vae_explorer.gui.core.session import LatentPath, Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.features.path.endpoint_item import EndpointItem
from vae_explorer.gui.kit.path_dots import PathDots
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import Z_PATH, LatentView


class PathOverlay(Overlay):
    name, title = "path", "Path"
    tip = "The path between two clicked points. Drag its ends; with Ctrl they snap to a code"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._halo, self._line = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._dots = PathDots(size=5, pxMode=True)
        self._marker = PathDots(size=13, pxMode=True)
        for height, item in enumerate((self._halo, self._line, self._dots, self._marker)):
            view.add_layer(item, Z_PATH + height)
        self._endpoints = [EndpointItem(letter) for letter in "AB"]
        for index, endpoint in enumerate(self._endpoints):
            view.add_layer(endpoint, Z_PATH + 10)
            endpoint.hide()
            endpoint.drag_began.connect(session.workspace.path.begin_drag)
            endpoint.dragged.connect(partial(self._on_dragged, index))
        for changed in (session.workspace.path.changed, session.model_changed, session.section_changed, view.plane_changed):
            changed.connect(self._show)
        session.workspace.player.frame_changed.connect(self._show_frame)
        self._show()

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self._halo.setPen(theme.pen("halo", 6, alpha=170))
        self._line.setPen(theme.pen("text", 2.5))
        self._dots.setPen(theme.pen("halo", 1))
        self._dots.setBrush(theme.brush("text"))
        self._marker.setPen(theme.pen("halo", 2))
        self._marker.setBrush(theme.brush("accent"))
        for endpoint in self._endpoints:
            endpoint.set_theme(theme)

    @property
    def _path(self) -> LatentPath:
        return self.session.frames.path if self.visible else LatentPath()

    def _places(self) -> NDArray[np.float32]:
        """Return the places of the frames on the map, (frames, 2)."""
        z, model = self._path.z(), self.session.model
        return model.section.project(z) if len(z) and model is not None else z

    def _show(self, *_: object) -> None:
        path, model, places = self._path, self.session.model, self._places()
        line = self.view.plane.line(places)
        self._halo.setData(line[:, 0], line[:, 1])
        self._line.setData(line[:, 0], line[:, 1])
        dots = self.view.plane.to_view(places)
        self._dots.setData(dots[:, 0], dots[:, 1])
        for index, endpoint in enumerate(self._endpoints):
            shown = index < len(path.points)
            endpoint.setVisible(shown)
            if shown and model is not None:
                endpoint.setPos(self.view.place_of(model.place_of(path.points[index])))
        self._show_frame(self.session.workspace.player.frame)

    def _show_frame(self, frame: int) -> None:
        places = self._places()
        marked = self.view.plane.to_view(places[min(frame, len(places) - 1)][None] if len(places) else places)
        self._marker.setData(marked[:, 0], marked[:, 1])

    def _on_dragged(self, index: int, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        snaps = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self.session.frames.drag(index, self.view.z_of(at), snaps)


OVERLAY = PathOverlay

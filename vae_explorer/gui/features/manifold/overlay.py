"""The overlay of the manifold grid: a mosaic of decoded images behind the codes.

Cells are equal on the map, so in the equal-probability view they have equal prior mass.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF

from vae_explorer.gui.core.decode_thread import MANIFOLD, DecodeAnswer
from vae_explorer.gui.core.model_thread import Answer
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.kit.theme import Theme, tint_table
from vae_explorer.gui.map.latent_view import Z_MOSAIC, LatentView
from vae_explorer.latent.grids import anchored_cells, mosaic, view_grid

_MARGIN = 12  # an image has this many times the height of its margin
_CELL = 30  # pixels; a cell has 30 to 60


class ManifoldOverlay(Overlay):
    name, title = "manifold", "Manifold grid"
    tip = "The decoded images at the points of a grid over the view"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._item = SmoothImageItem(axisOrder="row-major")
        self._requested: tuple[int, QRectF] | None = None  # columns and rectangle of the mosaic
        view.add_layer(self._item, Z_MOSAIC)
        view.view_rested.connect(self._request)
        view.plane_changed.connect(self._on_plane_changed)
        session.decoder.model_ready.connect(self._request)
        session.options.changed.connect(self._request)
        session.decoder.answered.connect(self._on_answered)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._item.setVisible(visible)
        self._request()

    def set_theme(self, theme: Theme) -> None:
        self._item.setLookupTable(tint_table(theme.color("ink"), theme.ink_opacity))

    def _on_plane_changed(self, _: object) -> None:
        """Clear the mosaic. `view_rested` requests the next mosaic."""
        self._requested = None
        self._item.clear()

    def _request(self, *_: object) -> None:
        plane, rect = self.view.plane, self.view.visible_rect()
        if plane.whole is not None:
            low, high = plane.whole
            rect = rect.intersected(QRectF(QPointF(low, low), QPointF(high, high)))
        if not self.visible or rect.isEmpty() or not math.isfinite(rect.width() * rect.height()):
            return
        cell = 2.0 ** math.ceil(math.log2(_CELL * self.view.units_per_pixel()))
        x, columns = anchored_cells(rect.left(), rect.right(), cell)
        y, rows = anchored_cells(rect.top(), rect.bottom(), cell)
        grid = view_grid((x, x + columns * cell), (y, y + rows * cell), columns, rows)
        z = plane.to_latent(grid).astype(np.float32)
        self._requested = (columns, QRectF(x, y, columns * cell, rows * cell))
        self.session.decoder.ask(self.session.options.request(MANIFOLD, z))

    def _on_answered(self, answer: Answer) -> None:
        if self._requested is None or not isinstance(answer, DecodeAnswer) or answer.key != MANIFOLD:
            return
        columns, rect = self._requested
        margin = max(1, answer.images.shape[1] // _MARGIN)
        framed = np.pad(answer.images, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
        self._item.setImage(mosaic(framed, columns)[::-1].max(axis=-1), autoLevels=False, levels=(0, 255))
        self._item.setRect(rect)


OVERLAY = ManifoldOverlay

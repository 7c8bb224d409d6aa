"""The overlay of the manifold grid: a mosaic of decoded images behind the codes.

Cells are equal on the map, so in the equal-probability view they have equal prior mass.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF

from vae_explorer.channels import blended
from vae_explorer.gui.core.decode_thread import MANIFOLD, DecodeAnswer
from vae_explorer.gui.core.model_thread import Answer
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.kit.theme import LIGHT, Theme, tint_table
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
        self._theme = LIGHT
        self._requested: tuple[int, QRectF] | None = None  # columns and rectangle of the mosaic
        view.add_layer(self._item, Z_MOSAIC)
        view.view_rested.connect(self._request)
        view.plane_changed.connect(self._on_plane_changed)
        session.decoder.model_ready.connect(self._request)
        session.options.changed.connect(self._request)
        session.section_changed.connect(self._request)
        session.channels.changed.connect(self._request)
        session.decoder.answered.connect(self._on_answered)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self._item.setVisible(visible)
        self._request()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._dim()

    def _dim(self) -> None:
        """Draw grey images in ink, from clear to its opacity, and coloured images in their colours, at the ink's opacity."""
        is_coloured = self._item.image is not None and self._item.image.ndim == 3
        self._item.setLookupTable(None if is_coloured else tint_table(self._theme.color("ink"), self._theme.ink_opacity))
        self._item.setOpacity(self._theme.ink_opacity if is_coloured else 1.0)

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
        self._item.setImage(
            _picture(blended(answer.images, self.session.channels.channels), columns), autoLevels=False, levels=(0, 255)
        )
        self._dim()
        self._item.setRect(rect)


def _picture(images: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """Lay framed images (n, H, W, 1 or 3) into one picture from its lowest row: grey (h, w), else RGBA (h, w, 4).

    The frames are clear: ink of level 0, or alpha 0.
    """
    margin = max(1, images.shape[1] // _MARGIN)
    if images.shape[3] == 3:
        images = np.concatenate([images, np.full_like(images[..., :1], 255)], axis=3)
    framed = np.pad(images, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    laid = mosaic(framed, columns)[::-1]
    return laid[..., 0] if laid.shape[2] == 1 else laid


OVERLAY = ManifoldOverlay

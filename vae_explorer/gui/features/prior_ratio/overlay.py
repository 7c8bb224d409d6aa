"""The overlay of log q(z)/p(z): where codes are missing, and where codes crowd."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF

from vae_explorer.codes import Codes
from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.features.prior_ratio.state import PriorRatio
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.kit.theme import Theme, signed_table
from vae_explorer.gui.map.latent_view import Z_LABELS, LatentView
from vae_explorer.latent.aggregate import RATIO_SPAN, reach_of
from vae_explorer.latent.plane import Plane

_CELLS = 320  # a side


class PriorRatioOverlay(Overlay):
    """Requests the ratio once for each model and plane. Cells are equal on the map."""

    name, title = "prior_ratio", "q(z) against the prior"
    tip = "log q(z)/p(z) of all codes. Violet: samples of the prior fall into a hole. Green: codes crowd."
    on_at_first = False

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self.visible = self.on_at_first
        self._item = SmoothImageItem(axisOrder="row-major")
        self._item.hide()
        self._is_requested = False  # for the current model and plane
        view.add_layer(self._item, Z_LABELS - 1)
        view.plane_changed.connect(self._request)
        session.model_changed.connect(self._request)
        session.section_changed.connect(self._request)
        session.part(PriorRatio).found.connect(self._on_found)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        if visible and not self._is_requested:
            self._request()
        self._item.setVisible(visible)

    def set_theme(self, theme: Theme) -> None:
        self._item.setLookupTable(signed_table(theme))

    def _request(self, *_: OpenModel | Plane) -> None:
        """Clear the map, and request the ratio of this model and plane if the overlay is on."""
        self._is_requested = False
        self.session.part(PriorRatio).stop()
        self._item.clear()
        model = self.session.model
        if self.visible and model is not None and len(model.file.codes):
            self._is_requested = True
            plane = self.view.plane
            self.session.part(PriorRatio).compare(lambda: model.codes, lambda codes: _edges(codes, plane))

    def _on_found(self, edges: NDArray[np.float64], ratio: NDArray[np.float32]) -> None:
        (left, low), (right, high) = self.view.plane.to_view([[edges[0]] * 2, [edges[-1]] * 2]).tolist()
        self._item.setImage(ratio, autoLevels=False, levels=(-RATIO_SPAN, RATIO_SPAN))
        self._item.setRect(QRectF(left, low, right - left, high - low))


def _edges(codes: Codes, plane: Plane) -> NDArray[np.float64]:
    """Return the cells' edges (_CELLS + 1,) along each axis, in latent units."""
    reach = reach_of(codes.mean, codes.std)
    low, high = plane.whole or (-reach, reach)
    even = np.linspace(low, high, _CELLS + 1)
    return np.asarray(plane.to_latent(np.stack([even, even], axis=1))[:, 0])


OVERLAY = PriorRatioOverlay

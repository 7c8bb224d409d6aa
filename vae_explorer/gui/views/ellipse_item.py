"""An ellipse of latent points, which is one on the map only where the map shows them as they are."""

from __future__ import annotations

import numpy as np

from vae_explorer.gui.views.outline_item import OutlineItem
from vae_explorer.latent.paths import Point

_CORNERS = 180  # of the polygon: a pixel's tenth off an ellipse as large as a screen


class EllipseItem(OutlineItem):
    """Axes parallel to those of the plane."""

    def set_ellipse(self, mean: Point, half: Point) -> None:
        """Around `mean` with half axes `half`, in latent units."""
        angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        self.set_loops([np.asarray(mean) + np.asarray(half) * circle])

"""An ellipse of latent points, which is one on the map only where the map shows them as they are."""

from __future__ import annotations

from vae_explorer.gui.kit.outline_item import OutlineItem
from vae_explorer.latent.paths import Point
from vae_explorer.latent.regions import ellipse


class EllipseItem(OutlineItem):
    """Axes parallel to those of the plane."""

    def set_ellipse(self, mean: Point, half: Point) -> None:
        """Around `mean` with half axes `half`, in latent units."""
        self.set_loops([ellipse(mean, half)])

"""An ellipse of latent points. A curved plane bends its outline."""

from __future__ import annotations

from vae_explorer.gui.kit.outline_item import OutlineItem
from vae_explorer.latent.paths import Point
from vae_explorer.latent.regions import ellipse


class EllipseItem(OutlineItem):
    def set_ellipse(self, mean: Point, half: Point) -> None:
        """Set the centre and the half axes in latent units."""
        self.set_loops([ellipse(mean, half)])

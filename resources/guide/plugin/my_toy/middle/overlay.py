from my_toy.middle.parts import Middle
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.map.latent_view import Z_LABELS


class MiddleOverlay(Overlay):
    name, title, tip = "middle", "Mean of the codes", "A circle around the mean of all codes"

    def __init__(self, view, session, parent):
        super().__init__(view, session, parent)
        self.circle = EllipseItem()
        view.add_layer(self.circle, Z_LABELS)
        session.part(Middle).found.connect(lambda mean: self.circle.set_ellipse(tuple(mean), (0.1, 0.1)))

    def set_visible(self, visible):
        self.circle.setVisible(visible)

    def set_theme(self, theme):
        self.circle.setPen(theme.pen("accent", 2))  # a pen without a theme is one latent unit wide


OVERLAY = MiddleOverlay

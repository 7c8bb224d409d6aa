"""Draws p(z|x) of the analysed image, the encoder's q(z|x) and the best diagonal Gaussian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF
from PySide6.QtWidgets import QGraphicsItem

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import EstimateAnalysis, EvidenceAnalysis, PosteriorAnalysis
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.kit.outline_item import OutlineItem
from vae_explorer.gui.kit.path_dots import PathDots
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.kit.theme import BEST, ENCODER, LIGHT, TRUE, Theme, tint_table
from vae_explorer.gui.map.latent_view import Z_CURSOR, Z_PATH, LatentView
from vae_explorer.latent.plane import Plane
from vae_explorer.latent.regions import RADII, SHARES

if TYPE_CHECKING:
    from vae_explorer.inference.evidence.on_section import SectionPosterior
    from vae_explorer.inference.evidence.picture import TruePosterior

_OPACITY, _FAINT = 0.92, 0.4  # of a narrow posterior, and of a wide posterior, which covers the codes
_NARROW, _WIDE = 0.3, 0.9  # stds between which the opacity falls
_SHOWN = (0, 2)  # indices of SHARES; three ellipses would hide the codes


class TruePosteriorOverlay(Overlay):
    name, title = "true_posterior", "True posterior"
    tip = (
        "While Evidence or Draw is open: p(z|x) by quadrature, with contours around 50, 80 and 95 % of its mass; with more than two "
        "latents the posterior on this section. Dashed: 50 and 95 % of the encoder's q(z|x). Violet: the best diagonal Gaussian. "
        "Dots: draws that fill hidden pixels."
    )

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._heat = SmoothImageItem(axisOrder="row-major")
        self._contours, self._encoder_outlines = ([OutlineItem() for _ in shown] for shown in (SHARES, _SHOWN))
        self._encoder_ellipses, self._best_ellipses = ([EllipseItem() for _ in _SHOWN] for _ in range(2))
        self._dots = PathDots(size=7, pxMode=True)
        items: list[QGraphicsItem] = [
            self._heat,
            *self._contours,
            *self._encoder_outlines,
            *self._encoder_ellipses,
            *self._best_ellipses,
        ]
        for item in items:
            view.add_layer(item, Z_CURSOR - 0.5)  # above the inspected code's posterior
            item.hide()
        view.add_layer(self._dots, Z_PATH - 3)
        self._found: PosteriorAnalysis | None = None
        self._evidence: EvidenceAnalysis | None = None
        self._warm = LIGHT.color("warm")
        session.part(ImageAnalysis).posterior_found.connect(self._on_posterior_found)
        session.part(ImageAnalysis).evidence_found.connect(self._on_evidence_found)
        view.plane_changed.connect(self._on_plane_changed)

    def set_visible(self, visible: bool) -> None:
        self.visible = visible
        self.session.part(ImageAnalysis).show_posteriors(visible)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self._warm = theme.color("warm")
        self._colour_heat()
        for line, items in (
            (TRUE, self._contours),
            (ENCODER, [*self._encoder_outlines, *self._encoder_ellipses]),
            (BEST, self._best_ellipses),
        ):
            for item in items:
                item.setPen(theme.line(line))
        self._dots.setPen(theme.pen("halo", 1.2))
        self._dots.setBrush(theme.brush("warm"))

    def _on_posterior_found(self, found: PosteriorAnalysis | None) -> None:
        self._found, self._evidence = found, None  # the last evidence belongs to another image
        if found is not None:
            self._place(found)
        self._show()

    def _on_evidence_found(self, evidence: EvidenceAnalysis | EstimateAnalysis | None) -> None:
        self._evidence = evidence if isinstance(evidence, EvidenceAnalysis) and self._found is not None else None
        if isinstance(evidence, EvidenceAnalysis) and self._found is not None:
            self._place_ellipses(self._best_ellipses, evidence.gaps.best_mean[0], evidence.gaps.best_std[0])
        self._show()

    def _show(self) -> None:
        found = self._found if self.visible else None
        shown: tuple[tuple[Sequence[QGraphicsItem], bool], ...] = (
            ([self._heat, *self._contours], found is not None),
            (self._encoder_outlines, found is not None and found.encoder_borders is not None),
            (self._encoder_ellipses, found is not None and found.encoder_borders is None),
            (self._best_ellipses, found is not None and self._evidence is not None),
            ([self._dots], found is not None and found.fillings is not None),
        )
        for items, visible in shown:
            for item in items:
                item.setVisible(visible)

    def _place(self, found: PosteriorAnalysis) -> None:
        self._place_heat(found.true)
        for loops, item in zip(found.borders, self._contours, strict=True):
            item.set_loops(loops)
        if found.encoder_borders is None:
            self._place_ellipses(self._encoder_ellipses, found.mean, found.std)
        else:
            for share, item in zip(_SHOWN, self._encoder_outlines, strict=True):
                item.set_loops(found.encoder_borders[share])
        if found.fillings is not None:
            x, y = self.view.plane.to_view(found.fillings.sample_z).T
            self._dots.setData(x, y)

    def _colour_heat(self) -> None:
        std = float(np.sqrt(np.diag(self._found.true.covariance).max())) if self._found is not None else 0.0
        share = min(max((_WIDE - std) / (_WIDE - _NARROW), 0.0), 1.0)
        self._heat.setLookupTable(tint_table(self._warm, _FAINT + (_OPACITY - _FAINT) * share))

    def _place_heat(self, true: TruePosterior | SectionPosterior) -> None:
        self._colour_heat()
        plane = self.view.plane
        density = plane.warped(true.density[::-1], true.x_range, true.y_range)[::-1]
        corners = zip(true.x_range, true.y_range, strict=True)
        (left, low), (right, high) = plane.to_view(list(corners)).tolist()
        self._heat.setImage(density, autoLevels=False, levels=(0, float(density.max())))
        self._heat.setRect(QRectF(left, low, right - left, high - low))

    def _place_ellipses(self, ellipses: list[EllipseItem], mean: NDArray[np.float64], std: NDArray[np.float64]) -> None:
        (x, y), (x_std, y_std) = mean.tolist(), std.tolist()
        for share, ellipse in zip(_SHOWN, ellipses, strict=True):
            ellipse.set_ellipse((x, y), (RADII[share] * x_std, RADII[share] * y_std))

    def _on_plane_changed(self, plane: Plane) -> None:
        for item in (*self._contours, *self._encoder_outlines, *self._encoder_ellipses, *self._best_ellipses):
            item.set_plane(plane)
        if self._found is not None:
            self._place(self._found)


OVERLAY = TruePosteriorOverlay

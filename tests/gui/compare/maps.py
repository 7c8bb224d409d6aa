"""Maps of a comparison without a window: real sessions and ticks, and a view that draws nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, Signal

from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.model.presenter import ModelPresenter
from vae_explorer.latent.plane import IDENTITY, Plane
from vae_explorer.models.model_file import ModelFile

OVERLAYS = ("codes", "manifold")


class FakeCodesItem(QObject):
    codes_shown = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rect, self.by_class = QRectF(), True

    def core(self) -> QRectF:
        return self.rect


class FakeView(QObject):
    """A `LatentView` that keeps what it is told."""

    view_chosen = Signal()
    plane_changed = Signal(object)
    recoloured = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.codes_item = FakeCodesItem(self)
        self.plane: Plane = IDENTITY
        self.follows = True
        self.rect, self.extra_rect = QRectF(), QRectF()
        self.place: NDArray[Any] | None = None

    def set_plane(self, plane: Plane) -> None:
        if plane is not self.plane:
            self.plane, self.extra_rect = plane, QRectF()
            self.plane_changed.emit(plane)

    def set_extra_rect(self, rect: QRectF) -> None:
        self.extra_rect = rect

    def set_places(self, place: NDArray[Any] | None) -> None:
        self.place = place
        self.codes_item.by_class = place is None
        self.recoloured.emit()

    def follow(self) -> None:
        self.follows = True

    def copy_view(self, other: FakeView) -> None:
        self.rect, self.follows = QRectF(other.rect), other.follows

    def hover_reach(self) -> float:
        return 0.1

    # What tests do

    def zoom(self, rect: QRectF) -> None:
        """Look at `rect`, as a person does."""
        self.rect, self.follows = rect, False
        self.view_chosen.emit()

    def show_codes(self, rect: QRectF) -> None:
        """Draw codes that lie in `rect`."""
        self.codes_item.rect = rect
        self.codes_item.codes_shown.emit()


class FakeMap(QObject):
    """An `Explorer` without widgets, except for the ticks."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.latent_view, self.ticks = session, FakeView(self), ModelPanel()
        for overlay in OVERLAYS:
            self.ticks.add_overlay(overlay, overlay, "", True)
        ModelPresenter(self.ticks, session)
        session.model_changed.connect(self._set_codes)

    def _set_codes(self, model: Any) -> None:
        """As a map does, which knows its codes before the inspection does."""
        self.session.codes_index.set_codes(model.file.codes.mean, model.file.codes.label)

    def panel(self, kind: type[ModelPanel]) -> ModelPanel:
        assert kind is ModelPanel
        return self.ticks

    # What tests look at

    @property
    def z(self) -> tuple[float, float]:
        """Where the cursor is."""
        return self.session.cursor.state.z

    @property
    def inspected(self) -> int | None:
        code = self.session.inspection.current
        return code.index if code is not None else None

    @property
    def metric(self) -> str:
        return self.session.part(MetricSurvey).metric

    def move(self, z: tuple[float, float]) -> None:
        """Rest the mouse on a point."""
        self.session.cursor.move(z, self.latent_view.hover_reach())


def joined(link: Link, *maps: FakeMap) -> Link:
    for each in maps:
        link.add(each)  # type: ignore[arg-type]
    return link


def named(file: ModelFile, name: str, **card: object) -> ModelFile:
    """The model under another name, with changes to its card."""
    return replace(file, card=replace(file.card, name=name, **card))

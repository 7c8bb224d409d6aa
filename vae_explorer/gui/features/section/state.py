"""Which section of a latent space of more than two latents the map shows. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.features.section.plane_by import ALL_NEAR, PICKED, PlaneBy
from vae_explorer.gui.features.section.tour import Tour
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.latent.paths import Point
from vae_explorer.latent.section import Section, of_latents, principal, ranked, separating, through

_STEP = 80  # milliseconds between two turns of a tour


@dataclass(frozen=True)
class KeptSection(Kept):
    """The section on the map, and the choice that made it."""

    by: str
    origin: tuple[float, ...]
    axes: tuple[tuple[float, ...], ...]
    latents: tuple[int, ...]
    classes: tuple[int, ...]
    picked: tuple[int, ...]
    near_share: float


class SectionChoice(SessionPart):
    """Knows the choice of a person, and asks the session for its section."""

    kept_as = "section"
    changed = Signal()  # choice, section or model
    refused = Signal(str)  # why a choice gives no plane
    faded = Signal()  # the share of near codes, or the distances

    def __init__(self, show: Callable[[Section, bool], None], pick: Callable[[Point], None], parent: QObject) -> None:
        """`show` shows a section on the map, perhaps later, and computes distances if asked. `pick` moves the cursor to a place."""
        super().__init__(parent)
        self._show_on_map, self._pick = show, pick
        self._model: OpenModel | None = None
        self._wanted: Section | None = None  # asked for, and not on the map yet
        self._is_new = False  # since the last `ask_again`
        self._kept: Section | None = None  # to show on the next model of as many latents
        self.by = PlaneBy.LATENTS
        self.latents, self.classes = (0, 1), (0, 1)
        self.picked: tuple[int, ...] = ()
        self.near_share = ALL_NEAR
        self._tour = Tour()
        self._timer = QTimer(self)
        self._timer.setObjectName("sectionTour")
        self._timer.setInterval(_STEP)
        self._timer.timeout.connect(self._turn)

    @property
    def offered(self) -> bool:
        """Whether the map shows a part of the latent space alone."""
        return self._model is not None and not self._model.section.is_whole

    @property
    def section(self) -> Section | None:
        """The section that the map shows, or will show."""
        return self._wanted or (self._model.section if self._model is not None else None)

    @property
    def told(self) -> NDArray[np.float64]:
        """What each latent tells of an image, (d,)."""
        return self._model.file.information if self._model is not None else np.zeros(0)

    @property
    def told_in_nats(self) -> bool:
        """Whether `told` is in nats, and no variance."""
        return self._model is not None and self._model.file.has_widths

    @property
    def codes(self) -> Codes | None:
        """The codes (n, d) in the latent space."""
        return self._model.file.codes if self._model is not None else None

    @property
    def class_names(self) -> tuple[str, ...]:
        return self._model.card.classes if self._model is not None else ()

    @property
    def order(self) -> list[int]:
        """The latents, first that which tells most of an image."""
        return ranked(self.told)

    @property
    def touring(self) -> bool:
        return self._timer.isActive()

    @property
    def near(self) -> NDArray[np.bool_] | None:
        """Whether each code (n,) is among the nearest of the section; None if all are, or before their distances are known."""
        model = self._model
        if model is None or self.near_share >= ALL_NEAR or not model.has_distance or not len(model.distance):
            return None
        distance = model.distance
        near: NDArray[np.bool_] = distance <= np.quantile(distance, self.near_share)
        return near

    # What a person does

    def choose(self, by: PlaneBy) -> None:
        self._timer.stop()
        self.by = by
        self._apply()

    def choose_latents(self, first: int, second: int) -> None:
        self.latents = (first, second)
        self._apply()

    def choose_classes(self, first: int, second: int) -> None:
        self.classes = (first, second)
        self._apply()

    def pick(self, index: int) -> None:
        """Let the plane go through code `index`, and through the last two that were picked."""
        self.picked = (*(each for each in self.picked if each != index), index)[-PICKED:]
        self._apply()

    def set_value(self, latent: int, value: float) -> None:
        """Move the section to `value` of a latent."""
        if self.section is not None and self.offered and latent < self.section.latents:  # a slider may outlive its model
            self._show(self.section.moved(latent, value))

    def go_through(self, index: int) -> None:
        """Move the section so that it goes through code `index`. Places on the map stay."""
        section, codes = self.section, self.codes
        if section is not None and codes is not None and self.offered:
            self._show(section.through_point(codes.mean[index]))

    def go_to(self, z: NDArray[np.floating]) -> None:
        """Move the section so that it goes through a latent point (d,), and move the cursor to the point."""
        section = self.section
        if section is None:
            return
        self._timer.stop()
        if self.offered:
            section = section.through_point(z)
            self._show(section)
        x, y = section.project(z[None])[0].tolist()
        self._pick((x, y))

    def set_near_share(self, share: float) -> None:
        if share == self.near_share:
            return
        self.near_share = share
        if self._model is not None and self.offered and share < ALL_NEAR and not self._model.has_distance:
            self._show(self._model.section if self._wanted is None else self._wanted)
        self.faded.emit()

    def set_touring(self, on: bool) -> None:
        if on and self.offered:
            self._timer.start()
        else:
            self._timer.stop()
        self.changed.emit()

    # Part of a session

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        before, self._model, self._wanted = self._model, model, None
        self._timer.stop()
        keeps = same_data and before is not None and before.chosen is not None
        fits = before is not None and before.card.spec.latent_dim == model.card.spec.latent_dim
        self._kept = before.section if keeps and fits and before is not None else None
        self._is_new = True
        if self._kept is None:
            self.by, self.picked, self.classes = PlaneBy.LATENTS, (), (0, 1)
            self.latents = tuple(self.order[:2]) if self.offered else (0, 1)  # type: ignore[assignment]

    def set_section(self, model: OpenModel) -> None:
        self._model = model
        if self._wanted is not None and self._wanted is model.section:
            self._wanted = None
        self.changed.emit()

    def ask_again(self) -> None:
        if not self._is_new:
            return
        self._is_new = False
        kept, self._kept = self._kept, None
        if kept is None and self.near_share < ALL_NEAR and self.offered:
            kept = self.section  # for the distances
        if kept is not None:
            self._show(kept)
        else:
            self.changed.emit()

    def kept(self) -> KeptSection:
        section = self.section
        origin = tuple(section.origin.tolist()) if section is not None else ()
        axes = tuple(map(tuple, section.axes.tolist())) if section is not None else ()
        return KeptSection(str(self.by.value), origin, axes, self.latents, self.classes, self.picked, self.near_share)

    def take_back(self, kept: Kept) -> None:
        """Show a section again, if the model has as many latents."""
        assert isinstance(kept, KeptSection)
        if self._model is None or not self.offered or len(kept.origin) != self._model.card.spec.latent_dim:
            return
        self._timer.stop()
        self.by, self.picked, self.near_share = PlaneBy(kept.by), kept.picked, kept.near_share
        self.latents, self.classes = kept.latents[:2], kept.classes[:2]  # type: ignore[assignment]
        self._show(Section(np.array(kept.origin), np.array(kept.axes)))
        self.faded.emit()

    def shut_down(self) -> None:
        self._timer.stop()

    def _show(self, section: Section) -> None:
        self._wanted = section
        self._show_on_map(section, self.near_share < ALL_NEAR)

    def _apply(self) -> None:
        """Ask for the section of the present choice. A choice that gives no plane says why."""
        section, codes = self.section, self.codes
        if section is None or codes is None or not self.offered:
            return
        try:
            chosen = self._made(section, codes)
        except ValueError:
            self.refused.emit(self.tr("These codes span no plane. Choose others."))
            chosen = None
        if chosen is not None:
            self._show(chosen)
        self.changed.emit()

    def _made(self, section: Section, codes: Codes) -> Section | None:
        """Return the section of the choice, None while it is incomplete. Raises `ValueError` without a plane."""
        if self.by is PlaneBy.LATENTS and self.latents[0] != self.latents[1]:
            return of_latents(*self.latents, section.origin)
        if self.by is PlaneBy.PRINCIPAL:
            return principal(codes.mean)
        if self.by is PlaneBy.CLASSES and self.classes[0] != self.classes[1]:
            chosen = np.isin(codes.label, self.classes)
            return separating(codes.mean[chosen], codes.label[chosen] == self.classes[1])
        if self.by is PlaneBy.CODES and len(self.picked) == PICKED:
            return through(codes.mean[list(self.picked)])
        return None

    @Slot()
    def _turn(self) -> None:
        if self.section is not None:
            self._show(self._tour.turn(self.section))

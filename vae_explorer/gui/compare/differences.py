"""What the bar below the maps says: figures side by side, and how far the pictures at the cursor differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.compare.bar import CompareBar
from vae_explorer.gui.compare.colouring import Colouring
from vae_explorer.gui.compare.comparable import figure_table
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.compare.member import Member
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.kit.class_palette import ONE_CLASS, palette_of
from vae_explorer.models.card import ModelCard
from vae_explorer.models.metrics import IMAGE_METRICS, metrics_of
from vae_explorer.models.terms import given_class


class ComparePresenter(QObject):
    """Fills the bar, and tells the link and the colouring what is chosen on it."""

    def __init__(self, bar: CompareBar, link: Link, colouring: Colouring) -> None:
        super().__init__(link)
        self._bar, self._link, self._colouring = bar, link, colouring
        self._shown: object = None
        bar.cursor_chosen.connect(link.set_cursor_by)
        bar.views_toggled.connect(link.set_views_linked)
        bar.colour_chosen.connect(colouring.set_by)
        bar.figure_chosen.connect(colouring.set_figure)
        colouring.chosen.connect(bar.set_colour)
        link.models_changed.connect(self._show_figures)
        link.pictures_changed.connect(self._show_differences)
        link.noted.connect(self._show_notes)
        colouring.noted.connect(self._show_notes)
        colouring.noted.connect(self._show_classes)
        link.classes_hidden.connect(self._show_classes)
        bar.classes.hidden_chosen.connect(link.hide_classes)

    @Slot()
    def _show_figures(self) -> None:
        models = [explorer.session.model for explorer in self._link.explorers]
        cards = [model.card for model in models if model is not None]
        if len(cards) == len(models) and cards != self._shown:  # a snapshot in training has the figures of the one before
            self._shown = cards
            self._bar.set_choices(
                [model.name for model in models if model is not None], _figures_offered(cards, self._colouring.by)
            )
            self._bar.set_colour(self._colouring.by)
            self._bar.set_figures(*figure_table(cards))
            self._show_differences()

    @Slot()
    def _show_classes(self) -> None:
        """Those of the first map; where another one has others, the words on that map itself say what its colours are."""
        members, strip = self._link.members, self._bar.classes
        if members:
            first = members[0]
            alike = all(member.classes == first.classes for member in members)
            model = first.explorer.session.model
            name = model.card.dataset if model is not None else ""
            palette = palette_of(model.file.codes.label, len(first.classes)) if model is not None else ONE_CLASS
            strip.set_classes(first.classes, self.tr("Classes") if alike else self.tr("Classes of {}").format(name), palette)
            strip.set_hidden(first.explorer.panel(ModelPanel).legend.hidden())
            strip.setVisible(self._colouring.by_class)

    @Slot()
    def _show_notes(self) -> None:
        self._bar.set_note("; ".join(note for note in (self._link.note, self._colouring.note) if note))

    @Slot()
    def _show_differences(self) -> None:
        first, *others = [_picture(member) for member in self._link.members] or [None]
        self._bar.set_pixel_differences(["", *(_difference(first, other) for other in others)])


def _figures_offered(cards: Sequence[ModelCard], chosen: int | str) -> dict[str, str]:
    """Titles by name of what any of the models has, and of what has been chosen; given the class where all of them are."""
    offered = {name for card in cards for name in metrics_of(card.family)} | {chosen}
    told = all(card.spec.classes for card in cards)
    titles = {name: IMAGE_METRICS[name].in_words for name in IMAGE_METRICS if name in offered}
    return {name: given_class(title, cards[0].spec if told else None) for name, title in titles.items()}


def mean_difference(first: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean absolute difference of two pictures (H, W), pixels from 0 to 1."""
    return float(np.abs(first.astype(np.int16) - other).mean() / 255)


def _picture(member: Member) -> NDArray[np.uint8] | None:
    """The picture at the cursor; None while an older one is on screen."""
    answer = member.picture
    if answer is None or not member.explorer.session.cursor.state.is_at(answer.z[0]):
        return None
    image: NDArray[np.uint8] = answer.images[0]
    return image


def _difference(first: NDArray[np.uint8] | None, other: NDArray[np.uint8] | None) -> str:
    if first is None or other is None:
        return "…"
    if first.shape != other.shape:
        return "of another size"
    return f"{mean_difference(first, other):.3f} a pixel apart"

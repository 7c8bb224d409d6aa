"""Fills the comparison bar: choices of colours, test metrics side by side, and differences of the pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.compare.bar import CompareBar
from vae_explorer.gui.compare.colouring import Colouring
from vae_explorer.gui.compare.comparable import metric_table
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.compare.member import Member
from vae_explorer.gui.features.metrics.colours import by_column
from vae_explorer.models.card import ModelCard
from vae_explorer.models.metrics import IMAGE_METRICS, metrics_of
from vae_explorer.models.terms import given_class


class ComparePresenter(QObject):
    def __init__(self, bar: CompareBar, link: Link, colouring: Colouring) -> None:
        super().__init__(link)
        self._bar, self._link, self._colouring = bar, link, colouring
        self._cards: list[ModelCard] = []  # of the models in the bar
        self._columns: list[str] = []  # that colours can show
        bar.cursor_chosen.connect(link.set_cursor_by)
        bar.views_toggled.connect(link.set_views_linked)
        bar.plane_chosen.connect(colouring.set_plane_of)
        bar.colour_chosen.connect(colouring.set_colour)
        bar.classes.hidden_chosen.connect(link.hide_classes)
        colouring.chosen.connect(bar.set_colour)
        colouring.note_changed.connect(self._show_notes)
        colouring.note_changed.connect(self._show_classes)
        link.models_changed.connect(self._show_models)
        link.colours_changed.connect(self._show_models)
        link.pictures_changed.connect(self._show_differences)
        link.note_changed.connect(self._show_notes)
        link.classes_hidden.connect(self._show_classes)

    @Slot()
    def _show_models(self) -> None:
        models = [member.session.model for member in self._link.members]
        cards = [model.card for model in models if model is not None]
        columns = list(dict.fromkeys(column.name for member in self._link.members for column in member.labels.offered))
        is_known = (cards, columns) == (self._cards, self._columns)
        if len(cards) < len(models) or is_known:  # a snapshot of a run has the card of the snapshot before
            return
        self._cards, self._columns = cards, columns
        names = [model.name for model in models if model is not None]
        has_classes = any(card.classes for card in cards)
        others = {by_column(name): name for name in columns} | _metrics_offered(cards, self._colouring.by)
        self._bar.set_colours(names, others, has_classes)
        self._bar.set_colour(self._colouring.by)
        self._bar.set_metrics(*metric_table(cards))
        self._show_differences()

    @Slot()
    def _show_classes(self) -> None:
        """Show the classes, or the categories, of the first map. A map with others names them itself."""
        members, strip = self._link.members, self._bar.classes
        if members:
            first = members[0]
            groups = first.groups
            alike = all(member.groups.is_like(groups) for member in members)
            what, model = groups.column or self.tr("Classes"), first.session.model
            name = model.card.dataset if model is not None else ""
            title = what if alike else self.tr("{} of {}").format(what, name)
            strip.set_classes(groups.names, title, groups.palette)
            strip.set_hidden(first.ticks.legend.hidden())
            strip.setVisible(self._colouring.by_class and bool(groups.names))

    @Slot()
    def _show_notes(self) -> None:
        self._bar.set_note("; ".join(note for note in (self._link.note, self._colouring.note) if note))

    @Slot()
    def _show_differences(self) -> None:
        first, *others = [_picture(member) for member in self._link.members] or [None]
        self._bar.set_pixel_differences(["", *(_difference(first, other) for other in others)])


def _metrics_offered(cards: Sequence[ModelCard], chosen: int | str) -> dict[str, str]:
    """Return titles by name: metrics of any model, and the chosen metric. Titles name the class if all models take one."""
    offered = {name for card in cards for name in metrics_of(card.family, card.spec.latent_dim)} | {chosen}
    take_class = all(card.spec.classes for card in cards)
    titles = {name: IMAGE_METRICS[name].in_words for name in IMAGE_METRICS if name in offered}
    return {name: given_class(title, cards[0].spec if take_class else None) for name, title in titles.items()}


def mean_difference(first: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the mean absolute difference of two pictures (H, W, C) whose pixels range from 0 to 1."""
    return float(np.abs(first.astype(np.int16) - other).mean() / 255)


def _picture(member: Member) -> NDArray[np.uint8] | None:
    """Return the picture at the cursor; None while the decoder has not answered."""
    answer = member.picture
    if answer is None or not member.session.cursor.state.is_at(answer.z[0]):
        return None
    image: NDArray[np.uint8] = answer.images[0]
    return image


def _difference(first: NDArray[np.uint8] | None, other: NDArray[np.uint8] | None) -> str:
    if first is None or other is None:
        return "…"
    if first.shape != other.shape:
        return "of another size"
    return f"{mean_difference(first, other):.3f} a pixel apart"

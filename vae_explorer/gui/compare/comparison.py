"""Puts models side by side, each on a map of its own, and brings the first map back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSize, Signal, Slot
from PySide6.QtWidgets import QSplitter

from vae_explorer.errors import UserError
from vae_explorer.gui.compare.bar import CompareBar
from vae_explorer.gui.compare.colouring import Colouring
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.compare.presenter import ComparePresenter
from vae_explorer.gui.compare.presets import Preset
from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.draw.panel import DrawPanel
from vae_explorer.gui.features.path.presenter import PathControlsPresenter
from vae_explorer.gui.features.table import all_features
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.models.catalogue import find_model, pretrained_models

MAX_MAPS = 3


@dataclass(frozen=True, slots=True)
class _SingleMap:
    """The record of the first map before the comparison."""

    model: OpenModel | None
    kept: Mapping[str, Kept]
    layout: QByteArray


class Comparison(QObject):
    """Adds maps at the right of the first map, and removes them. The window's splitter holds the maps."""

    explorer_added = Signal(object)  # Explorer
    changed = Signal()  # it began or ended

    def __init__(self, first: Explorer, splitter: QSplitter, bar: CompareBar) -> None:
        super().__init__(splitter)
        self._first, self._splitter, self._bar = first, splitter, bar
        self._before: _SingleMap | None = None
        self._replaced = False  # whether the person opened another model on the first map
        self.link = Link(self)
        ComparePresenter(bar, self.link, Colouring(self.link))
        PathControlsPresenter(bar.path_controls, first.session.workspace)
        bar.hide()
        bar.close_requested.connect(self.close)
        first.session.opener.loaded.connect(self._on_opened)
        first.session.part(RunModel).shown.connect(self._on_run_shown)
        for dock in first.docks.all():
            name = dock.objectName()
            dock.toggleViewAction().triggered.connect(lambda shown, name=name: self._show_docks(name, shown))

    @property
    def on(self) -> bool:
        return self._before is not None

    @property
    def others(self) -> list[Explorer]:
        """All maps of the comparison except the first."""
        return [explorer for explorer in self.link.explorers if explorer is not self._first]

    @property
    def single_layout(self) -> QByteArray:
        """The layout of the first map outside comparisons."""
        return self._before.layout if self._before is not None else self._first.saveState()

    # What the menu does

    def compare_with(self, name: str | Path) -> None:
        """Put another model beside the models on screen."""
        if len(self.others) + 1 >= MAX_MAPS:
            text = self.tr("There is room for {} maps. Choose another model above one of them.").format(MAX_MAPS)
            self._first.session.problem_raised.emit(text, "")
            return
        try:
            path = find_model(str(name))
        except UserError as error:
            self._first.session.problem_raised.emit(str(error), "")
            return
        self._show([None, *(None for _ in self.others), path])

    def show_preset(self, preset: Preset) -> None:
        """Put the preset's models side by side. If a model is missing, say so and change nothing."""
        known = pretrained_models()
        missing = [name for name in preset.models if name not in known]
        if missing:
            text = self.tr("{} cannot be shown: there is no pretrained model {}")
            self._first.session.problem_raised.emit(text.format(preset.title.replace("&", ""), ", ".join(missing)), "")
            return
        self._bar.set_views_linked(preset.linked_views)
        self._show([known[name] for name in preset.models])

    @Slot()
    def close(self) -> None:
        """Remove the other maps and restore the first map."""
        before = self._before
        if before is None:
            return
        self.shut_down()
        self._first.fill_window()
        self._bar.hide()
        self._lay_out_now()
        self._first.session.opener.give_up()
        if self._replaced and before.model is not None:
            self._restore_model(before.model)
        self._first.take_back(before.kept)
        self.changed.emit()

    def _restore_model(self, model: OpenModel) -> None:
        """Show the model again. The model of a run comes back with the epochs since."""
        session = self._first.session
        if model.path is None and session.part(TrainingState).aside:
            session.part(RunModel).show()
        else:
            session.show_model(model.file, model.path)

    def reset_layout(self) -> None:
        """Give all maps one size, with their panels beside or below them."""
        explorers = self.link.explorers
        self._lay_out_now()
        pane = self._pane(len(explorers))
        for explorer in explorers:
            explorer.arrange(pane)
        self._first.docks.show_run()
        self._lay_out_now()  # moved docks change the least widths
        self._splitter.setSizes([pane.width()] * len(explorers))
        for explorer in explorers:
            explorer.docks.size_arranged(pane)

    def shut_down(self) -> None:
        """End the threads of the other maps, and remove these maps."""
        for explorer in self.others:
            self._remove(explorer)
        if self.on:
            self.link.remove(self._first)
        self._before = None

    # Panes

    def _show(self, models: Sequence[Path | None]) -> None:
        """Show one map a model, from left to right. None keeps the model of a map."""
        if not self.on:
            self._begin()
        for explorer in self.others[len(models) - 1 :]:
            self._remove(explorer)
        pane = self._pane(len(models))
        self._first.arrange(pane)  # before the other maps come, which would widen the window
        while len(self.others) < len(models) - 1:
            self._add(pane)
        self._bar.reserve(len(models))
        self.reset_layout()
        for explorer, path in zip(self.link.explorers, models, strict=True):
            if path is not None:
                explorer.session.opener.give_up()
                if explorer.session.model is None or explorer.session.model.path != path:
                    explorer.session.opener.open(path)

    def _begin(self) -> None:
        first = self._first
        self._before = _SingleMap(first.session.model, first.kept(), first.saveState())
        self._replaced = False
        self.link.add(first)
        self._bar.show()
        self.changed.emit()

    def _pane(self, count: int) -> QSize:
        """Return the size of each of `count` maps with its panels."""
        return QSize(self._splitter.width() // count, self._splitter.height())

    def _add(self, pane: QSize) -> None:
        explorer = Explorer(Session(self._first.session.workspace, all_features()))
        explorer.session.opener.refused.connect(partial(self._on_refused, explorer))
        explorer.arrange(pane)
        self.explorer_added.emit(explorer)
        self._splitter.addWidget(explorer)
        self.link.add(explorer)

    def _remove(self, explorer: Explorer) -> None:
        if self._first.panel(DrawPanel).pad.take_over(explorer.panel(DrawPanel).pad):
            text = self.tr("The drawing of the closed map is kept: Undo brings it back to the pad of the first map")
            self._first.session.notice_raised.emit(text)
        self.link.remove(explorer)
        explorer.hide()
        explorer.shut_down()
        explorer.setParent(None)
        explorer.deleteLater()

    def _lay_out_now(self) -> None:
        """Lay the window out without waiting for an event: the places of docks depend on the room that they have."""
        around = self._splitter.parentWidget()
        layout = around.layout() if around is not None else None
        if layout is not None:
            layout.activate()
        self._splitter.refresh()

    def _show_docks(self, name: str, shown: bool) -> None:
        """Repeat the View menu's change to the first map on all maps."""
        for explorer in self.link.explorers:
            explorer.docks.show(name, shown)

    @Slot(object, object)
    def _on_opened(self, *_: object) -> None:
        self._replaced = True

    @Slot()
    def _on_run_shown(self) -> None:
        self._replaced = False

    def _on_refused(self, explorer: Explorer, message: str, details: str) -> None:
        """Remove a map whose first model cannot be opened. The first map says why."""
        if explorer.session.model is not None or explorer not in self.others:
            return
        self._remove(explorer)
        if self.others:
            self.reset_layout()
        else:
            self.close()
        self._first.session.problem_raised.emit(message, details)

"""Explorers side by side: adds and removes them, and brings the single view back as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSize, Signal, Slot
from PySide6.QtWidgets import QSplitter

from vae_explorer.errors import UserError
from vae_explorer.gui.compare.bar import CompareBar
from vae_explorer.gui.compare.colouring import Colouring
from vae_explorer.gui.compare.differences import ComparePresenter
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.compare.presets import Preset
from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.draw.panel import DrawPanel
from vae_explorer.gui.features.path.presenter import PathControlsPresenter
from vae_explorer.gui.features.table import FEATURES
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.models.catalogue import find_model, pretrained_models

MOST = 3  # maps side by side


@dataclass(frozen=True, slots=True)
class _SingleMap:
    """What one map showed before others came beside it."""

    model: OpenModel | None
    kept: Mapping[str, Kept]
    layout: QByteArray


class Comparison(QObject):
    explorer_added = Signal(object)  # Explorer
    changed = Signal()  # it has begun or ended

    def __init__(self, first: Explorer, splitter: QSplitter, bar: CompareBar) -> None:
        super().__init__(splitter)
        self._first, self._splitter, self._bar = first, splitter, bar
        self._before: _SingleMap | None = None
        self._replaced = False  # the first map's model, by opening another
        self.link = Link(self)
        ComparePresenter(bar, self.link, Colouring(self.link))
        PathControlsPresenter(bar.path_controls, first.session.workspace)
        bar.hide()
        bar.close_requested.connect(self.close)
        first.session.opener.loaded.connect(self._on_opened)
        first.session.part(RunModel).shown.connect(self._on_trained)
        for dock in first.docks.all():
            name = dock.objectName()
            dock.toggleViewAction().triggered.connect(lambda shown, name=name: self._show_docks(name, shown))

    @property
    def on(self) -> bool:
        return self._before is not None

    @property
    def others(self) -> list[Explorer]:
        """All explorers but the first."""
        return [explorer for explorer in self.link.explorers if explorer is not self._first]

    @property
    def single_layout(self) -> QByteArray:
        """Where the panels of a map lie that has the window to itself."""
        return self._before.layout if self._before is not None else self._first.saveState()

    # What the menu does

    def compare_with(self, name: str | Path) -> None:
        """Put another model beside those on screen."""
        if len(self.others) + 1 >= MOST:
            self._first.session.problem_raised.emit(
                self.tr("There is room for {} maps; choose another model above one of them").format(MOST), ""
            )
            return
        try:
            path = find_model(str(name))
        except UserError as error:
            self._first.session.problem_raised.emit(str(error), "")
            return
        self._show([None, *(None for _ in self.others), path])

    def show_preset(self, preset: Preset) -> None:
        """Put the preset's models side by side; where one is missing, say so and change nothing."""
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
        """Back to one map, as it was."""
        before = self._before
        if before is None:
            return
        self.shut_down()
        self._first.fill_window()
        self._bar.hide()
        self._take_room()
        self._first.session.opener.give_up()
        if self._replaced and before.model is not None:
            self._show_again(before.model)
        self._first.take_back(before.kept)
        self.changed.emit()

    def _show_again(self, model: OpenModel) -> None:
        """The model of a run has gone on since: it comes back as it is now."""
        session = self._first.session
        if model.path is None and session.part(TrainingState).aside:
            session.part(RunModel).show()
        else:
            session.show_model(model.file, model.path)

    def reset_layout(self) -> None:
        """Maps of one size, their panels beside or below them."""
        explorers = self.link.explorers
        self._take_room()
        pane = self._pane(len(explorers))
        for explorer in explorers:
            explorer.arrange(pane)
        self._first.docks.show_run()
        self._take_room()  # for docks that lie elsewhere need another least width
        self._splitter.setSizes([pane.width()] * len(explorers))
        for explorer in explorers:
            explorer.docks.size_arranged(pane)

    def shut_down(self) -> None:
        """End what runs on the maps beside the first one, and take them away."""
        for explorer in self.others:
            self._remove(explorer)
        if self.on:
            self.link.remove(self._first)
        self._before = None

    # Panes

    def _show(self, models: Sequence[Path | None]) -> None:
        """One map a model, from left to right; None: what is there stays."""
        if not self.on:
            self._begin()
        for explorer in self.others[len(models) - 1 :]:
            self._remove(explorer)
        pane = self._pane(len(models))
        self._first.arrange(pane)  # before there are others, or the window would be widened to have them all in full
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
        """What each of so many maps has with its panels."""
        return QSize(self._splitter.width() // count, self._splitter.height())

    def _add(self, pane: QSize) -> None:
        explorer = Explorer(Session(self._first.session.workspace, FEATURES))
        explorer.session.opener.refused.connect(lambda *why: self._on_refused(explorer, *why))
        explorer.arrange(pane)
        self.explorer_added.emit(explorer)
        self._splitter.addWidget(explorer)
        self.link.add(explorer)

    def _remove(self, explorer: Explorer) -> None:
        if self._first.panel(DrawPanel).pad.take_over(explorer.panel(DrawPanel).pad):
            words = self.tr("The drawing of the closed map is kept: Undo brings it back to the pad of the first map")
            self._first.session.notice_raised.emit(words)
        self.link.remove(explorer)
        explorer.hide()
        explorer.shut_down()
        explorer.setParent(None)
        explorer.deleteLater()

    def _take_room(self) -> None:
        """Lay the window out now and not at the next event: where docks go depends on the room there is."""
        around = self._splitter.parentWidget()
        layout = around.layout() if around is not None else None
        if layout is not None:
            layout.activate()
        self._splitter.refresh()

    def _show_docks(self, name: str, shown: bool) -> None:
        """What the View menu has done to a panel of the first map is done to the others'."""
        for explorer in self.link.explorers:
            explorer.docks.show(name, shown)

    @Slot(object, object)
    def _on_opened(self, *_: object) -> None:
        self._replaced = True

    @Slot()
    def _on_trained(self) -> None:
        self._replaced = False

    def _on_refused(self, explorer: Explorer, message: str, details: str) -> None:
        """A map whose first model proved bad has nothing to show: it goes, and the first one says why."""
        if explorer.session.model is not None or explorer not in self.others:
            return
        self._remove(explorer)
        if self.others:
            self.reset_layout()
        else:
            self.close()
        self._first.session.problem_raised.emit(message, details)

"""Connects the training panel with the run."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.training.panel import Curve, TrainingPanel
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import Progress, TrainingState
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, PanelState, Ready, Remedy
from vae_explorer.kinds import Part
from vae_explorer.models.card import basis
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.terms import NATS, term


class TrainingPresenter(QObject):
    def __init__(self, panel: TrainingPanel, session: Session) -> None:
        super().__init__(session)
        self._panel = panel
        training = session.part(TrainingState)
        training.changed.connect(self._on_changed)
        panel.stop_requested.connect(training.stop)
        panel.run_requested.connect(session.part(RunModel).show)
        panel.set_state(training_state(None))
        if training.progress is not None:  # a run that began before this map
            self._on_changed(training.progress)

    @Slot(object)
    def _on_changed(self, progress: Progress) -> None:
        from vae_explorer.training.config import measured_part

        note = progress.note
        if progress.seconds_left is not None:
            note += self.tr("\n{} left").format(_duration(progress.seconds_left))
        self._panel.set_state(training_state(progress))
        self._panel.set_progress(progress.fraction, note, progress.running)
        self._panel.set_aside(progress.aside)
        self._panel.set_basis(basis(progress.config.likelihood, progress.config.binarised))
        self._panel.set_plots(plots_of(progress.config.family, progress.curves, measured_part(progress.config)))
        self._panel.set_curves(progress.curves)


class RunLimitPresenter(QObject):
    """Offers a training while no run goes on in the window, and tells the docks of a run."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._training, self._docks = context.session.part(TrainingState), context.docks
        self._model_panel, self._panel = context.panel(ModelPanel), context.panel(TrainingPanel)
        self._training.changed.connect(self._show)
        self._training.stopped.connect(self._show)
        self._show()

    @Slot()
    def _show(self, *_: object) -> None:
        running = self._training.running
        self._model_panel.set_training(running)
        self._panel.set_can_train(not running)
        self._docks.note_training(self._training.progress is not None, running)


def training_state(progress: Progress | None) -> PanelState:
    if progress is None:
        return NotAtHand("No model is being trained. The curves of a training appear here.", Remedy.TRAIN)
    if progress.failure:
        return Failed(progress.failure, Remedy.TRAIN)
    if not progress.running and not progress.curves:
        return NotAtHand("The training was stopped before its first epoch, so there is no model.", Remedy.TRAIN)
    return Ready()


def plots_of(family: str, reported: Collection[str], part: Part = Part.TEST) -> tuple[tuple[Curve, ...], ...]:
    """Choose the plots: the main term beside the reconstruction term, then each other term.

    The run measures `part` after each epoch. Terms that the loss does not report have curves of this part.
    """
    names = FAMILIES[family].terms
    first = Curve(f"{part}_{names[0]}", f"{part} {term(names[0]).title}", 1)
    beside = "reconstruction" if "reconstruction" in names and term(names[0]).unit == NATS else names[0]
    rest = [name for name in names[1:] if name != beside]
    pair = (_curve(beside, 0, reported, part), first)
    return (pair if pair[0].name != first.name else (first,), *((_curve(name, 2, reported, part),) for name in rest))


def _curve(name: str, color: int, reported: Collection[str], part: Part) -> Curve:
    title = term(name).title
    if reported and f"train_{name}" not in reported:
        return Curve(f"{part}_{name}", f"{part} {title}", color)
    return Curve(f"train_{name}", f"training {title}", color)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def present(context: Context) -> None:
    panel = context.panel(TrainingPanel)
    TrainingPresenter(panel, context.session)
    RunLimitPresenter(context)
    panel.train_requested.connect(context.shell.request_training)

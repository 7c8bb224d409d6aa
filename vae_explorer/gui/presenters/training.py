"""What the training panel says of a run."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.session import Progress, Session
from vae_explorer.gui.views.training_panel import Curve, TrainingPanel
from vae_explorer.models.card import basis
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.terms import NATS, term


class TrainingPresenter(QObject):
    def __init__(self, panel: TrainingPanel, session: Session) -> None:
        super().__init__(session)
        self._panel = panel
        session.training.changed.connect(self._on_changed)
        panel.stop_requested.connect(session.training.stop)

    @Slot(object)
    def _on_changed(self, progress: Progress) -> None:
        note = progress.note
        if progress.seconds_left is not None:
            note += self.tr("\n{} left").format(_duration(progress.seconds_left))
        self._panel.set_progress(progress.fraction, note, progress.running)
        self._panel.set_basis(basis(progress.config.likelihood, progress.config.binarised))
        self._panel.set_plots(_plots(progress.config.family))
        self._panel.set_curves(progress.curves)


def _plots(family: str) -> tuple[tuple[Curve, ...], ...]:
    """The figure a family is judged by beside its reconstruction term, then each other term by itself."""
    names = FAMILIES[family].terms
    first = Curve(f"test_{names[0]}", f"test {term(names[0]).title}", 1)
    beside = "reconstruction" if "reconstruction" in names and term(names[0]).unit == NATS else names[0]
    rest = [name for name in names[1:] if name != beside]
    others = tuple((Curve(f"train_{name}", term(name).title, 2),) for name in rest)
    return ((Curve(f"train_{beside}", term(beside).title, 0), first), *others)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"

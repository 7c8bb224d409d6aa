"""What one map showed before others came beside it, kept and brought back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QByteArray

from vae_explorer.gui.core.session import LatentPath, OpenModel, Session
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.metrics.state import FigureSurvey, KeptSurvey
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.map.plane_view import KeptView


@dataclass(frozen=True, slots=True)
class SingleView:
    layout: QByteArray
    view: KeptView
    path: LatentPath
    model: OpenModel | None
    label: int  # that points were decoded as
    switches: Mapping[str, bool]  # of the family
    overlays: Mapping[str, bool]
    hidden: frozenset[int]  # classes
    survey: KeptSurvey  # of the figure that has the colours

    @staticmethod
    def of(explorer: Explorer) -> SingleView:
        session, panel = explorer.session, explorer.model_panel
        return SingleView(
            layout=explorer.saveState(),
            view=explorer.latent_view.kept_view(),
            path=session.workspace.path.path,
            model=session.model,
            label=session.options.label,
            switches=panel.switches(),
            overlays=panel.overlays(),
            hidden=panel.legend.hidden(),
            survey=session.part(FigureSurvey).kept(),
        )

    def restore(self, explorer: Explorer, with_model: bool) -> None:
        """Show all this again, and `with_model` the model too; another model takes over what it has as well."""
        session, panel = explorer.session, explorer.model_panel
        explorer.restoreState(self.layout)
        if session.part(TrainingState).running:
            explorer.docks.show_training(True)
        session.workspace.path.set_path(self.path)
        if with_model and self.model is not None:
            if self.model.path is None and session.part(TrainingState).aside:  # it was that of a run, which has gone on since
                session.part(RunModel).show()
            else:
                session.show_model(self.model.file, self.model.path)
        session.options.set_label(self.label)
        self._restore_figure(session)
        for name in panel.switches().keys() & self.switches.keys():
            panel.set_switch(name, self.switches[name])
        for name, visible in self.overlays.items():
            panel.set_overlay(name, visible)
        if session.model is not None and self.model is not None and session.model.card.classes == self.model.card.classes:
            panel.legend.set_hidden(self.hidden)
        explorer.latent_view.restore_view(self.view)

    def _restore_figure(self, session: Session) -> None:
        """Of the same model with what is known of it; another one need not have it, and in training has none."""
        if session.model is not None and self.model is not None and session.model.file is self.model.file:
            session.part(FigureSurvey).take_back(self.survey)
        elif not session.part(TrainingState).makes(session.model) and session.part(FigureSurvey).figure != self.survey.figure:
            session.part(FigureSurvey).choose("")
            session.part(FigureSurvey).choose(self.survey.figure)

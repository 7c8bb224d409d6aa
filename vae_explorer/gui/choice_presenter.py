"""Fills the choice of a model above a map, and opens the chosen model."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.kit.model_choice import ModelChoice
from vae_explorer.models.catalogue import finished_runs, pretrained_models


class ChoicePresenter(QObject):
    def __init__(self, choice: ModelChoice, session: Session) -> None:
        super().__init__(session)
        self._choice, self._session = choice, session
        choice.about_to_open.connect(self.list_models)
        choice.chosen.connect(self._on_chosen)
        session.model_changed.connect(self._on_model_changed)
        session.model_saved.connect(self._on_model_changed)

    @Slot()
    def list_models(self) -> None:
        """Offer the pretrained models and the finished runs."""
        groups = (pretrained_models(), finished_runs())
        self._choice.set_choices([{name: path.absolute() for name, path in group.items()} for group in groups])

    @Slot(object)
    def _on_chosen(self, path: Path | None) -> None:
        """Open a file. A person who chooses the open model keeps it, and a file that is being opened does not come."""
        model = self._session.model
        if model is not None and path == _absolute(model.path):
            self._session.opener.give_up()
        elif path is not None:
            self._session.opener.open(path)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        facts = self.tr("{} on {}").format(model.card.spec.family, model.card.dataset)
        self._choice.set_model(model.name, _absolute(model.path), facts)


def _absolute(path: Path | None) -> Path | None:
    return path.absolute() if path is not None else None

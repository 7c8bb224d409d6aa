"""Places the images of a data set on the map of an own model, in a job. GUI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.data.base import Dataset, Fetching
from vae_explorer.data.sources import all_datasets, find_dataset, load_dataset
from vae_explorer.gui.core.job_thread import Report, ShouldStop
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.models.families.own import OWN_DECODER
from vae_explorer.models.model_file import ModelFile

_PLACE = "place images"  # key of the job


def has_encoder(model: OpenModel | None) -> bool:
    """Return whether images can be placed on the map of `model`: it is an own model with an encoder."""
    return model is not None and model.card.is_own and model.card.spec.family != OWN_DECODER


def fitting(model: OpenModel, root: Path) -> list[str]:
    """Return the names of the data sets whose images have the model's shape; `root` is the folder of the data."""
    return [name for name, spec in all_datasets(root).items() if spec.image_shape == model.card.spec.image_shape]


class Placing(QObject):
    placed = Signal(object, object, object)  # OpenModel that was asked about, ModelFile with codes, Dataset

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def place(self, model: OpenModel, name: str, root: Path) -> None:
        """Start the job whose result is `placed`. A data set that is not at hand is downloaded."""

        def task(report: Report, should_stop: ShouldStop) -> tuple[OpenModel, ModelFile, Dataset]:
            from vae_explorer.inference.placing import placed

            dataset = load_dataset(name, Fetching(root, should_stop=should_stop))
            return model, placed(model.file, name, find_dataset(name, root), dataset), dataset

        job = self._jobs.run(_PLACE, task, after_decoder=True)
        job.done.connect(self._on_done)

    @Slot(object)
    def _on_done(self, result: tuple[OpenModel, ModelFile, Dataset]) -> None:
        self.placed.emit(*result)

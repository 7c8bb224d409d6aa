"""Makes the workspace parts of the training."""

from __future__ import annotations

from vae_explorer.gui.core.part import WorkspacePart
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import TrainingState


def make_workspace_parts(workspace: Workspace) -> tuple[WorkspacePart, ...]:
    training = TrainingState(workspace.activity, workspace.data_dir, workspace)
    return training, RunModel(training, workspace)

"""What each panel says of the session's state: words and formats, no layout and no decisions about state."""

from __future__ import annotations

from vae_explorer.gui.presenters.decoder import DecoderPresenter
from vae_explorer.gui.presenters.draw import DrawPresenter
from vae_explorer.gui.presenters.equation import EquationPresenter
from vae_explorer.gui.presenters.evidence import EvidencePresenter
from vae_explorer.gui.presenters.figures import ColourPresenter, ExtremesPresenter
from vae_explorer.gui.presenters.health import HealthPresenter
from vae_explorer.gui.presenters.inspector import InspectorPresenter
from vae_explorer.gui.presenters.lens import lens_lines
from vae_explorer.gui.presenters.model import ClassWheelPresenter, ModelPresenter
from vae_explorer.gui.presenters.path import PathPresenter
from vae_explorer.gui.presenters.ratio import RatioPresenter
from vae_explorer.gui.presenters.samples import SamplesPresenter
from vae_explorer.gui.presenters.status import StatusPresenter
from vae_explorer.gui.presenters.training import TrainingPresenter

__all__ = [
    "ClassWheelPresenter",
    "ColourPresenter",
    "DecoderPresenter",
    "DrawPresenter",
    "EquationPresenter",
    "EvidencePresenter",
    "ExtremesPresenter",
    "HealthPresenter",
    "InspectorPresenter",
    "ModelPresenter",
    "PathPresenter",
    "RatioPresenter",
    "SamplesPresenter",
    "StatusPresenter",
    "TrainingPresenter",
    "lens_lines",
]

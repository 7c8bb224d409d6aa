"""The states of panels, as functions of plain facts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot

from vae_explorer.data.sources import DATASETS
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, Nothing, PanelState, Ready, Remedy, Working, words_of
from vae_explorer.gui.kit.state_line import StateLine


@dataclass(frozen=True, slots=True)
class ImagesFacts:
    dataset: str
    has_images: bool
    reading: bool = False
    downloading: bool = False
    problem: str = ""  # the error of the last read or download
    has_source: bool = True  # whether the program can download the data set
    has_store: bool = False  # whether the person's own images of this name were read
    is_own: bool = False  # whether the model is a person's own, whose images have no name


def images_state(facts: ImagesFacts) -> PanelState:
    if facts.has_images:
        return Ready()
    if facts.is_own:
        return NotAtHand("This model came without images.")
    if facts.downloading:
        return Working(f"The images of {facts.dataset} are being downloaded…")
    if facts.reading:
        return Working("The images are being read…")
    if not facts.has_source:
        if facts.has_store and facts.problem:
            return Failed(facts.problem)
        return NotAtHand(
            f"The original images are missing: there is no data set named {facts.dataset}. Data ▸ Open images… reads images."
        )
    if facts.problem:
        return Failed(facts.problem, Remedy.DOWNLOAD)
    return NotAtHand("The original images are missing.", Remedy.DOWNLOAD)


def images_of(session: Session) -> PanelState:
    dataset = session.model.card.dataset if session.model is not None else ""
    return images_state(
        ImagesFacts(
            dataset,
            session.has_images,
            session.images.fetching,
            session.images.downloading,
            session.images.problem,
            DATASETS.is_offered(dataset),
            session.images.has_store(dataset),
            session.model is not None and session.model.card.is_own,
        )
    )


def why_no_images(session: Session) -> str:
    """Return the reason, for places without a button; empty where the session has the images."""
    state = images_of(session)
    if isinstance(state, NotAtHand) and state.remedy is Remedy.DOWNLOAD:
        return session.tr("The original images are missing. Data ▸ Download images downloads them.")
    return words_of(state)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Facts about an analysis of the inspected code's image, or of a drawing."""

    images: PanelState
    why_none: str = ""  # why the family has no such analysis
    has_code: bool = False
    has_image: bool = False
    failure: str = ""
    note: str | None = None  # explains the content; None until there is content


def image_state(facts: ImageFacts, work: str) -> PanelState:
    """Return the state of a panel about one image. `work` is shown during the analysis."""
    if facts.why_none:
        return Nothing(facts.why_none)
    if facts.note is not None:
        return Ready(facts.note)
    if facts.failure:
        return Failed(facts.failure)
    if facts.has_image:
        return Working(work)
    if facts.has_code and not isinstance(facts.images, Ready):
        return facts.images
    return NotAtHand("No image is inspected. Move the mouse over a code that has an image, or draw an image.")


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Facts about the order of all images by a metric."""

    images: PanelState
    metric: str  # its title; empty for no metric
    computed: int = 0  # images whose metric is computed
    stopped: bool = False
    failure: str = ""
    done: bool = False  # whether the survey has gone through all images
    put_off: str = ""  # the title of the metric that waits for the end of a run


def order_state(facts: OrderFacts) -> PanelState:
    if facts.put_off:
        return NotAtHand(f"The program computes {facts.put_off} after the run has ended.")
    if not facts.metric:
        return NotAtHand("Choose a metric. The program computes the metric for each image and colours the map by it.")
    if facts.computed:
        return Ready()
    if not isinstance(facts.images, Ready):
        return facts.images
    if facts.failure:
        return Failed(facts.failure)
    if facts.stopped:
        return NotAtHand("The computation was stopped before the first image. Press Go on to continue.")
    return Nothing(f"{facts.metric} is finite for no image.") if facts.done else Working(f"{facts.metric} is being computed…")


def code_state(has_model: bool, has_codes: bool, has_code: bool, images: PanelState) -> PanelState:
    if has_model and not has_codes:
        return Nothing("This model has no codes, so there is nothing to inspect.")
    if not has_code:
        return NotAtHand("No code is inspected. Move the mouse over a code.")
    return images


class RemedyPresenter(QObject):
    """Downloads the images when a person presses the button of a state line."""

    def __init__(self, line: StateLine, session: Session) -> None:
        super().__init__(session)
        self._session = session
        line.remedy_wanted.connect(self._on_wanted)

    @Slot(object)
    def _on_wanted(self, remedy: Remedy) -> None:
        if remedy is Remedy.DOWNLOAD:
            self._session.download_images()

"""Which state each panel is in: functions of plain facts, and where a session has those facts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot

from vae_explorer.data.sources import DATASETS
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, Nothing, PanelState, Ready, Remedy, Working, words_of
from vae_explorer.gui.kit.state_line import StateLine


@dataclass(frozen=True, slots=True)
class ImagesFacts:
    """What is known of the images of a model's data set."""

    dataset: str
    at_hand: bool
    reading: bool = False
    downloading: bool = False
    problem: str = ""  # the message of the last attempt that failed
    is_known: bool = True  # whether the program knows where this data set comes from


def images_state(facts: ImagesFacts) -> PanelState:
    if facts.at_hand:
        return Ready()
    if facts.downloading:
        return Working(f"The images of {facts.dataset} are being downloaded…")
    if facts.reading:
        return Working("The images are being read…")
    if not facts.is_known:
        return NotAtHand(f"The original images are not at hand: no data set here is called {facts.dataset}.")
    if facts.problem:
        return Failed(facts.problem, Remedy.DOWNLOAD)
    return NotAtHand("The original images are not at hand.", Remedy.DOWNLOAD)


def images_of(session: Session) -> PanelState:
    """The state of the images of the model on screen."""
    dataset = session.model.card.dataset if session.model is not None else ""
    return images_state(
        ImagesFacts(
            dataset,
            session.has_images,
            session.images.fetching,
            session.images.downloading,
            session.images.problem,
            dataset in DATASETS,
        )
    )


def why_no_images(session: Session) -> str:
    """A sentence for a place that has no room for the button; empty where the images are at hand."""
    state = images_of(session)
    if isinstance(state, NotAtHand) and state.remedy is Remedy.DOWNLOAD:
        return session.tr("The original images are not at hand: Data ▸ Download images gets them.")
    return words_of(state)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What is known of the work on one image: the inspected code's, or a drawing."""

    images: PanelState  # of the data set
    why_none: str = ""  # why the family has no such content; empty where it has
    has_code: bool = False
    has_image: bool = False
    failure: str = ""  # the message, where the work on this image broke off
    note: str | None = None  # on content that is there, of this image; None while there is none


def image_state(facts: ImageFacts, work: str) -> PanelState:
    """The state of a panel that shows `work` on one image."""
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
    return NotAtHand("No image is inspected: rest the mouse on a code whose image is at hand, or draw one.")


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What is known of the order of all images by a metric."""

    images: PanelState
    metric: str  # its title; empty where none is chosen
    known: int = 0  # images whose metric is known
    stopped: bool = False
    failure: str = ""
    done: bool = False  # whether every image has been answered
    put_off: str = ""  # the title of a metric that waits for the end of a run


def order_state(facts: OrderFacts) -> PanelState:
    if facts.put_off:
        return NotAtHand(f"Metrics come when the run has ended. {facts.put_off} is chosen for then.")
    if not facts.metric:
        return NotAtHand("Choose a figure. It is computed image by image and colours the map.")
    if facts.known:
        return Ready()
    if not isinstance(facts.images, Ready):
        return facts.images
    if facts.failure:
        return Failed(facts.failure)
    if facts.stopped:
        return NotAtHand("The work was stopped before the first image: Go on takes it up again.")
    return (
        Nothing(f"{facts.metric} is a number for no image.") if facts.done else Working(f"{facts.metric} is being worked out…")
    )


def code_state(has_model: bool, has_codes: bool, has_code: bool, images: PanelState) -> PanelState:
    """The state of the inspector."""
    if has_model and not has_codes:
        return Nothing("This model has no codes, so there is nothing to inspect.")
    if not has_code:
        return NotAtHand("No code is inspected: rest the mouse on one.")
    return images


class RemedyPresenter(QObject):
    """Gets what is missing when the person presses the button beside the reason."""

    def __init__(self, line: StateLine, session: Session) -> None:
        super().__init__(session)
        self._session = session
        line.remedy_wanted.connect(self._on_wanted)

    @Slot(object)
    def _on_wanted(self, remedy: Remedy) -> None:
        if remedy is Remedy.DOWNLOAD:
            self._session.download_images()

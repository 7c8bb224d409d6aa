"""Which state a panel is in, from plain facts; and that no panel says anything of another state. Mostly without a window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from vae_explorer.gui.features.samples.presenter import draws_state
from vae_explorer.gui.features.states import (
    ImageFacts,
    ImagesFacts,
    OrderFacts,
    code_state,
    image_state,
    images_state,
    order_state,
)
from vae_explorer.gui.features.training.presenter import training_state
from vae_explorer.gui.features.training.state import Progress
from vae_explorer.gui.kit.panel_state import (
    Failed,
    NotAtHand,
    Nothing,
    PanelState,
    Ready,
    Remedy,
    Working,
    remedy_of,
    words_of,
)
from vae_explorer.gui.kit.state_line import StateBody, StateLine
from vae_explorer.training.config import TrainConfig

MISSING = ImagesFacts("mnist", has_images=False)
ABSENT = images_state(MISSING)
PROGRESS = Progress(TrainConfig())


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (replace(MISSING, has_images=True, problem="old"), Ready()),
        (replace(MISSING, reading=True), Working("The images are being read…")),
        (replace(MISSING, reading=True, downloading=True), Working("The images of mnist are being downloaded…")),
        (MISSING, NotAtHand("The original images are missing.", Remedy.DOWNLOAD)),
        (replace(MISSING, problem="no network"), Failed("no network", Remedy.DOWNLOAD)),
        (
            ImagesFacts("mine", has_images=False, has_source=False, problem="unknown data set"),
            NotAtHand("The original images are missing: there is no data set named mine. Data ▸ Open images… reads images."),
        ),
        (ImagesFacts("mine", False, has_source=False, has_store=True, problem="it is damaged"), Failed("it is damaged")),
    ],
)
def test_that_images_are_read_or_missing_or_failed(facts: ImagesFacts, state: PanelState) -> None:
    assert images_state(facts) == state


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (ImageFacts(Ready(), has_code=True, has_image=True), Working),
        (ImageFacts(Ready(), has_code=True, has_image=True, note="nats"), Ready),
        (ImageFacts(Ready(), has_code=True, has_image=True, failure="no room"), Failed),
        (ImageFacts(Ready()), NotAtHand),
        (ImageFacts(ABSENT, has_code=True), NotAtHand),
        (ImageFacts(Working("reading"), has_code=True), Working),
        (ImageFacts(ABSENT, has_code=True, has_image=True, note=""), Ready),  # a drawing needs no images
        (ImageFacts(ABSENT, why_none="no density", has_code=True, has_image=True, note="old", failure="old"), Nothing),
    ],
)
def test_that_work_on_an_image_is_said_to_fail_only_where_it_failed(facts: ImageFacts, kind: type[Any]) -> None:
    assert isinstance(image_state(facts, "working"), kind)


def test_that_missing_images_offer_the_button_wherever_they_are_missed() -> None:
    states = (
        image_state(ImageFacts(ABSENT, has_code=True), "working"),
        order_state(OrderFacts(ABSENT, "ELBO")),
        code_state(has_model=True, has_codes=True, has_code=True, images=ABSENT),
    )
    assert [remedy_of(state) for state in states] == [Remedy.DOWNLOAD] * 3


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (OrderFacts(ABSENT, ""), NotAtHand),
        (OrderFacts(Ready(), "ELBO"), Working),
        (OrderFacts(Ready(), "ELBO", computed=1), Ready),
        (OrderFacts(Ready(), "ELBO", stopped=True), NotAtHand),
        (OrderFacts(Ready(), "ELBO", stopped=True, failure="codes of other images"), Failed),
        (OrderFacts(Ready(), "ELBO", done=True), Nothing),
        (OrderFacts(Ready(), "", put_off="ELBO"), NotAtHand),
    ],
)
def test_that_an_order_of_images_is_there_or_says_why_not(facts: OrderFacts, kind: type[Any]) -> None:
    assert isinstance(order_state(facts), kind)


def test_that_a_training_offers_to_begin_where_none_has_a_curve() -> None:
    assert remedy_of(training_state(None)) is Remedy.TRAIN
    assert training_state(PROGRESS) == Ready()
    assert training_state(replace(PROGRESS, running=False, curves={"test_elbo": (-1.0,)})) == Ready()
    assert training_state(replace(PROGRESS, running=False, failure="no GPU")) == Failed("no GPU", Remedy.TRAIN)
    assert remedy_of(training_state(replace(PROGRESS, running=False))) is Remedy.TRAIN


def test_that_draws_are_not_waited_for_where_no_posterior_has_a_width() -> None:
    sentences = {"gaussian": "move the mouse", "point": "points", "no codes": "no codes"}
    assert draws_state("gaussian", True, sentences) == NotAtHand("move the mouse")
    assert draws_state("gaussian", False, sentences) == Nothing("no codes")
    assert draws_state("point", True, sentences) == Nothing("points")


STATES = (
    Ready(),
    Ready("a note"),
    Working("working"),
    ABSENT,
    NotAtHand("choose"),
    Nothing("none"),
    Failed("broke", Remedy.TRAIN),
)


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_that_a_body_shows_words_button_and_content_of_its_state_alone(
    application: QApplication, before: PanelState, after: PanelState
) -> None:
    content = QLabel("numbers")
    body = StateBody("note", content)
    body.set_state(before)
    was_shown = not content.isHidden()
    body.set_state(after)
    words, button = body.findChild(QLabel, "note"), body.findChild(QPushButton, "note.remedy")
    assert isinstance(words, QLabel)
    assert isinstance(button, QPushButton)
    assert words.text() == words_of(after)
    remedy = remedy_of(after)
    assert button.isHidden() == (remedy is None)
    assert button.text() == (remedy.value if remedy is not None else "")
    assert body.line.isHidden() == (not words_of(after))
    shown = isinstance(after, Ready) or (isinstance(after, Working) and was_shown)
    assert content.isHidden() == (not shown)


def test_that_a_button_asks_for_the_remedy_of_the_state_now(application: QApplication) -> None:
    line, wanted = StateLine("note"), list[Remedy]()
    line.remedy_wanted.connect(wanted.append)
    line.set_state(ABSENT)
    line.set_state(Failed("broke", Remedy.TRAIN))
    button = line.findChild(QPushButton, "note.remedy")
    assert isinstance(button, QPushButton)
    button.click()
    assert wanted == [Remedy.TRAIN]

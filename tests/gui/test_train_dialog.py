"""Model ▸ Train…: fields with sensible defaults, checked as they are typed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.sources import DATASETS
from vae_explorer.gui.features.training.dialog import TrainDialog
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.kinds import PixelKind
from vae_explorer.models.check import parameters_of
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.spec import Family, Parameter
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Failed

from .fakes import FakeRuns
from .looking import find, text_of
from .training import choose, open_dialog, press_start, type_into


@pytest.fixture
def dialog(qtbot: QtBot) -> TrainDialog:
    dialog = TrainDialog()
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_that_the_defaults_can_be_started_as_they_are(dialog: TrainDialog) -> None:
    assert find(dialog, QPushButton, "trainStart").isEnabled()
    assert not find(dialog, QLabel, "trainProblem").isVisible()
    assert dialog.config() == TrainConfig()


def offered(dialog: TrainDialog, name: str) -> list[str]:
    box = find(dialog, QComboBox, name)
    return [box.itemData(place) for place in range(box.count())]


def test_that_every_family_and_data_set_is_on_offer(dialog: TrainDialog) -> None:
    assert offered(dialog, "trainFamily") == list(FAMILIES)
    assert offered(dialog, "trainDataset") == list(DATASETS)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_that_a_family_offers_what_it_has_and_can_be_started(dialog: TrainDialog, family: str) -> None:
    choose(dialog, "trainFamily", family)
    made = FAMILIES[family]
    assert offered(dialog, "trainBody") == list(made.bodies)
    assert offered(dialog, "trainLikelihood") == list(made.likelihoods)
    assert made.formula_by_terms in text_of(dialog, "trainFormula")
    for likelihood in made.likelihoods:
        choose(dialog, "trainLikelihood", likelihood)
        assert text_of(dialog, "trainLikelihoodNote") == LIKELIHOODS[likelihood].help
        assert find(dialog, QWidget, "trainBinarised").isVisible() == (
            LIKELIHOODS[likelihood].pixels is PixelKind.BINARY and family not in {"gan", "vae-gan"}
        )
        assert dialog.config() == TrainConfig(family=family, likelihood=likelihood)
        assert find(dialog, QPushButton, "trainStart").isEnabled()


@pytest.mark.parametrize("text", ["", "fast", "0", "-1", "nan", "inf", "2", "1e-9"])
def test_that_a_learning_rate_that_makes_no_sense_disables_start_with_one_line(dialog: TrainDialog, text: str) -> None:
    field = find(dialog, QLineEdit, "trainLearningRate")
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    assert not find(dialog, QPushButton, "trainStart").isEnabled()
    problem = find(dialog, QLabel, "trainProblem")
    assert problem.isVisible()
    assert "learning rate" in problem.text()
    assert "\n" not in problem.text()
    type_into(field, "1e-3")
    assert find(dialog, QPushButton, "trainStart").isEnabled()
    assert not problem.isVisible()


def test_that_return_does_not_start_what_makes_no_sense(dialog: TrainDialog) -> None:
    asked: list[object] = []
    dialog.train_requested.connect(asked.append)
    type_into(find(dialog, QLineEdit, "trainLearningRate"), "fast")
    QTest.keyClick(find(dialog, QLineEdit, "trainLearningRate"), Qt.Key.Key_Return)
    assert not asked


def test_that_a_batch_larger_than_the_data_disables_start(dialog: TrainDialog) -> None:
    type_into(find(dialog, QSpinBox, "trainBatchSize"), "5000")
    assert not find(dialog, QPushButton, "trainStart").isEnabled()
    assert "batch size" in text_of(dialog, "trainProblem")


def test_that_each_data_set_brings_its_own_defaults(dialog: TrainDialog) -> None:
    for name in DATASETS:
        choose(dialog, "trainDataset", name)
        suited = TrainConfig(dataset=name)
        assert dialog.config().epochs == suited.epochs
        assert dialog.config().batch_size == suited.batch_size
        assert find(dialog, QPushButton, "trainStart").isEnabled()


@pytest.mark.usefixtures("own_tables")
def test_that_large_images_bring_residual_convolutions_until_a_body_is_chosen(qtbot: QtBot) -> None:
    DATASETS.register("large", DatasetSpec("Large", "large:load", (64, 48, 3), ("one",), (500, 50), "made"))
    dialog = TrainDialog()
    qtbot.addWidget(dialog)
    dialog.open()
    body = find(dialog, QComboBox, "trainBody")
    for dataset, usual in (("large", "resconv"), ("digits", "mlp"), ("large", "resconv")):
        choose(dialog, "trainDataset", dataset)
        assert body.currentData() == usual
        assert dialog.config() == TrainConfig(dataset=dataset)
    choose(dialog, "trainFamily", "recurrent-vae")
    assert body.currentData() == "gru"
    choose(dialog, "trainFamily", "beta-vae")
    assert body.currentData() == "resconv"
    choose(dialog, "trainBody", "conv")
    for dataset in ("digits", "large"):
        choose(dialog, "trainDataset", dataset)
        assert body.currentData() == "conv"


def test_that_an_activation_is_asked_for_where_the_body_has_one(dialog: TrainDialog) -> None:
    choose(dialog, "trainActivation", "relu")
    for family, there in (("recurrent-vae", False), ("vae", True)):
        choose(dialog, "trainFamily", family)
        assert find(dialog, QComboBox, "trainActivation").isVisible() == there
        assert dialog.config() == TrainConfig(family=family, activation="relu" if there else "gelu")
        assert find(dialog, QPushButton, "trainStart").isEnabled()


@pytest.mark.usefixtures("own_tables")
def test_that_only_the_familys_own_parameters_are_shown(qtbot: QtBot) -> None:
    alpha = Parameter("alpha", "α", 2.0, 0.0, 5.0, "another family's own")
    FAMILIES.register("other", Family("Other", FAMILIES["vae"].target, "", (), parameters=(alpha,)))
    dialog = TrainDialog()
    qtbot.addWidget(dialog)

    def shown() -> set[str]:
        return {box.objectName() for box in dialog.findChildren(QDoubleSpinBox) if box.objectName().startswith("train.")}

    for family, names in (("beta-vae", {"beta", "warm_up"}), ("other", {"alpha"}), ("vae", {"warm_up"})):
        choose(dialog, "trainFamily", family)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert shown() == {f"train.{name}" for name in names}
        assert set(dialog.config().parameters) == names


@pytest.mark.parametrize("family", ["vae-gan", "denoising-ae", "aae"])
def test_that_a_parameters_row_says_what_it_is_and_cuts_no_word(dialog: TrainDialog, family: str) -> None:
    choose(dialog, "trainFamily", family)
    choose(dialog, "trainLikelihood", "gaussian")
    QApplication.processEvents()
    for parameter in parameters_of(family, "gaussian"):
        words = find(dialog, QLabel, f"train.{parameter.name}.help")
        assert words.text() == parameter.help
        assert words.height() >= words.heightForWidth(words.width())
        (title,) = (shown for shown in dialog.findChildren(QLabel) if shown.text() == parameter.title)
        for shown in (words, title, find(dialog, QDoubleSpinBox, f"train.{parameter.name}")):
            assert shown.isVisible()
            assert shown.width() >= shown.minimumSizeHint().width()
            assert shown.height() >= shown.fontMetrics().height()
    (area,) = dialog.findChildren(QScrollArea)
    assert area.viewport().width() >= area.widget().width()
    assert dialog.height() <= dialog.screen().availableSize().height() - 40  # with the window manager's frame


@pytest.mark.parametrize(("family", "said"), [("iwae", "5  draws"), ("iaf-vae", "4  steps")])
def test_that_a_whole_number_is_asked_for_without_decimals(dialog: TrainDialog, family: str, said: str) -> None:
    choose(dialog, "trainFamily", family)
    name = said.split()[1]
    box = find(dialog, QDoubleSpinBox, f"train.{name}")
    assert box.text() == said
    type_into(box, "7.5")
    assert dialog.config().parameters[name] in {7, 8}
    assert find(dialog, QPushButton, "trainStart").isEnabled()


def test_that_a_family_comes_with_its_own_likelihood_unless_another_was_chosen(dialog: TrainDialog) -> None:
    likelihood = find(dialog, QComboBox, "trainLikelihood")
    for family in ("vae-gan", "vae", "gan"):
        choose(dialog, "trainFamily", family)
        assert likelihood.currentData() == TrainConfig(family=family, dataset="digits").likelihood
    choose(dialog, "trainLikelihood", "bernoulli")
    choose(dialog, "trainFamily", "vae-gan")
    assert likelihood.currentData() == "bernoulli"


def test_that_the_fields_are_what_is_trained(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[TrainConfig] = []
    monkeypatch.setattr(window.session.part(TrainingState), "start", asked.append)
    dialog = open_dialog(window)
    choose(dialog, "trainFamily", "beta-vae")
    choose(dialog, "trainDataset", "fashion-mnist")
    choose(dialog, "trainBody", "conv")
    choose(dialog, "trainOptimiser", "muon")
    choose(dialog, "trainDevice", "cuda")
    assert find(dialog, QLineEdit, "trainHidden").placeholderText() == "32 64 by default"
    type_into(find(dialog, QLineEdit, "trainHidden"), "8, 16 24")
    type_into(find(dialog, QSpinBox, "trainEpochs"), "7")
    type_into(find(dialog, QSpinBox, "trainBatchSize"), "99")
    type_into(find(dialog, QSpinBox, "trainSeed"), "5")
    type_into(find(dialog, QLineEdit, "trainLearningRate"), "0.004")
    find(dialog, QDoubleSpinBox, "train.beta").setValue(2.5)
    type_into(find(dialog, QDoubleSpinBox, "trainAugment"), "0.5")
    find(dialog, QCheckBox, "trainBinarised").click()
    find(dialog, QCheckBox, "trainValidation").click()
    press_start(dialog)
    wanted = {"family": "beta-vae", "dataset": "fashion-mnist", "body": "conv", "epochs": 7, "batch_size": 99, "seed": 5}
    assert len(asked) == 1
    assert {name: getattr(asked[0], name) for name in wanted} == wanted
    assert asked[0].learning_rate == pytest.approx(0.004)
    assert asked[0].parameters == {"beta": 2.5, "warm_up": 0.0}
    assert asked[0].binarised == "none"
    assert asked[0].augment == 0.5
    assert asked[0].validation == 0.1
    assert asked[0].optimiser == "muon"
    assert asked[0].device == "cuda"
    assert asked[0].hidden == (8, 16, 24)


def test_that_the_dialog_has_a_child_ready_and_start_takes_it(window: MainWindow, runs: FakeRuns) -> None:
    dialog = open_dialog(window)
    (child,) = runs.children
    assert child.is_alive()
    press_start(dialog)
    assert runs.newest.child is child
    assert len(runs.children) == 1
    runs.newest.end(Failed("stopped", cancelled=True))


def test_that_layers_go_with_their_body_and_a_rate_that_was_asked_for_stays(dialog: TrainDialog) -> None:
    layers, rate = find(dialog, QLineEdit, "trainHidden"), find(dialog, QLineEdit, "trainLearningRate")
    type_into(layers, "512 256")
    type_into(rate, "0.01")
    choose(dialog, "trainFamily", "vae-gan")
    assert (layers.text(), rate.text()) == ("512 256", "0.01")
    choose(dialog, "trainBody", "conv")
    assert layers.text() == ""
    type_into(rate, f"{FAMILIES['vae-gan'].learning_rate:g}")
    choose(dialog, "trainFamily", "vae")
    assert rate.text() == f"{FAMILIES['vae'].learning_rate:g}"


def test_that_a_game_has_no_choice_of_optimiser(dialog: TrainDialog) -> None:
    choose(dialog, "trainOptimiser", "muon")
    choose(dialog, "trainFamily", "gan")
    assert not find(dialog, QComboBox, "trainOptimiser").isVisible()
    assert dialog.config().optimiser == "adam"
    choose(dialog, "trainFamily", "vae")
    assert find(dialog, QComboBox, "trainOptimiser").isVisible()
    assert dialog.config().optimiser == "muon"


@pytest.mark.parametrize("typed", ["wide", "256 128.5", "0", "256 -1"])
def test_that_layers_that_are_no_widths_are_named_and_keep_start_off(dialog: TrainDialog, typed: str) -> None:
    type_into(find(dialog, QLineEdit, "trainHidden"), typed)
    problem = find(dialog, QLabel, "trainProblem")
    assert problem.isVisible()
    assert typed.split()[-1] in problem.text()
    assert not find(dialog, QPushButton, "trainStart").isEnabled()
    type_into(find(dialog, QLineEdit, "trainHidden"), "16")
    assert find(dialog, QPushButton, "trainStart").isEnabled()


def test_that_cancel_trains_nothing(window: MainWindow) -> None:
    dialog = open_dialog(window)
    assert not dialog.isHidden()
    QTest.mouseClick(find(dialog, QPushButton, "trainCancel"), Qt.MouseButton.LeftButton)
    assert not window.session.part(TrainingState).running


def test_that_the_likelihood_follows_the_colours_of_the_data_until_one_is_chosen(dialog: TrainDialog) -> None:
    likelihood = find(dialog, QComboBox, "trainLikelihood")
    choose(dialog, "trainDataset", "sprites")
    assert (likelihood.currentData(), dialog.config().binarised) == ("gaussian-learned", "none")
    choose(dialog, "trainDataset", "mnist")
    assert likelihood.currentData() == "bernoulli"
    choose(dialog, "trainLikelihood", "discretised-logistic")
    choose(dialog, "trainDataset", "sprites")
    assert likelihood.currentData() == "discretised-logistic"

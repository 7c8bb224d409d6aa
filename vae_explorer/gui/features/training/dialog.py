"""Model ▸ Train…: what to train, checked as it is typed."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.gui.dialogs.on_screen import ScrolledForm, fit
from vae_explorer.gui.features.training.fields import (
    ParameterField,
    choice,
    fill,
    parameter_field,
    say,
    side_by_side,
    text_field,
    whole,
    wrapped,
)
from vae_explorer.gui.kit.widgets import label
from vae_explorer.kinds import Binarised, Optimiser
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.check import parameters_of
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.spec import ACTIVATIONS, GELU, Parameter
from vae_explorer.training.config import DEVICES, MAX_AUGMENT, TrainConfig, takes_binary
from vae_explorer.training.validation import USUAL_SHARE

_AUGMENT = Parameter(
    "augment",
    "",
    0.0,
    0.0,
    MAX_AUGMENT,
    "Half of the training images are rotated, sheared, scaled and translated at random; at 1 by a std of 7°, 0.12, 6 % and 3 % of "
    "half a side.",
)


class TrainDialog(QDialog):
    """Emits `train_requested` with a checked configuration."""

    train_requested = Signal(object)  # TrainConfig

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainDialog")
        self.setWindowTitle(self.tr("Train a model"))
        self._make_model_fields()
        self._make_training_fields()
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._on_family_changed()
        self._on_dataset_changed()

    def config(self) -> TrainConfig:
        """What the fields say. Raises `UserError` where they make no sense."""
        try:
            rate = float(self._rate.text().replace(",", "."))
        except ValueError:
            raise UserError(self.tr("learning rate {!r} is no number").format(self._rate.text())) from None
        try:
            hidden = tuple(int(width) for width in self._hidden.text().replace(",", " ").split())
        except ValueError:
            raise UserError(
                self.tr("layers {!r} are no whole numbers; write their widths, such as 256 128").format(self._hidden.text())
            ) from None
        return TrainConfig(
            family=self._family.currentData(),
            dataset=self._dataset.currentData(),
            likelihood=self._likelihood.currentData(),
            body=self._body.currentData(),
            activation=self._activation.currentData() if self._is_activated else GELU,
            hidden=hidden,
            epochs=self._epochs.value(),
            batch_size=self._batch.value(),
            learning_rate=rate,
            parameters={field.parameter.name: field.box.value() for field in self._parameters},
            seed=self._seed.value(),
            device=self._device.currentData(),
            binarised=Binarised.DYNAMIC if self._binarised.isChecked() and self._is_binary else Binarised.NONE,
            optimiser=Optimiser.ADAM if self._is_game else self._optimiser.currentData(),
            augment=self._augment.box.value() if self._can_augment else 0.0,
            validation=USUAL_SHARE if self._validation.isChecked() else 0.0,
        )

    def _make_model_fields(self) -> None:
        self._family = choice("trainFamily", {name: FAMILIES[name].title for name in FAMILIES})
        self._body, self._likelihood = choice("trainBody", {}), choice("trainLikelihood", {})
        self._usual_likelihood: str | None = None  # the one that the family has by itself
        self._usual_rate, self._layers_of = "", ""  # the family's, and the body that the layers are of
        self._activation = choice("trainActivation", {name: name.upper() for name in ACTIVATIONS})
        self._formula, self._meaning = wrapped("trainFormula"), wrapped("trainLikelihoodNote")
        self._parameters: list[ParameterField] = []
        self._hidden = text_field("trainHidden", self.tr("Layers"))
        self._hidden.setToolTip(
            self.tr(
                "Widths of the encoder's hidden layers, or channels of its convolutions; the decoder has them the other way round"
            )
        )

    def _make_training_fields(self) -> None:
        self._dataset = choice("trainDataset", {name: DATASETS[name].title for name in DATASETS})
        self._source = label("muted", name="trainSource")
        self._binarised = QCheckBox(self.tr("draw binary images anew for every batch"))
        self._binarised.setObjectName("trainBinarised")
        self._binarised.setChecked(True)
        self._binarised.setToolTip(
            self.tr("Makes the ELBO a bound on a likelihood that compares with published figures; of grey pixels BCE is none")
        )
        self._augment = parameter_field(_AUGMENT, "trainAugment")
        self._augment.box.setSpecialValueText(self.tr("off"))
        self._validation = QCheckBox(self.tr("hold out a tenth of the images"))
        self._validation.setObjectName("trainValidation")
        self._validation.setToolTip(
            self.tr(
                "The run does not train on this tenth of the training images, and measures it after each epoch. Choose settings by "
                "its figures. The test images are then measured once, at the end of the run."
            )
        )
        self._epochs, self._batch = whole("trainEpochs", 1, 100_000), whole("trainBatchSize", 1, 2**31 - 1)
        self._optimiser = choice("trainOptimiser", {Optimiser.ADAM: "Adam", Optimiser.MUON: "Muon"})
        self._optimiser.setToolTip(
            self.tr(
                "Muon takes orthogonal steps with the weight matrices of an MLP: it learns more in an epoch, which takes longer"
            )
        )
        self._rate = text_field("trainLearningRate", self.tr("Peak learning rate"))
        self._seed = whole("trainSeed", 0, 2**31 - 1)
        self._device = choice("trainDevice", {name: name for name in DEVICES})

    def _make_buttons(self) -> None:
        self._problem = label("error", name="trainProblem")
        self._problem.setWordWrap(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._start = self._buttons.addButton(self.tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._start.setObjectName("trainStart")
        self._start.setProperty("role", "primary")
        cancel = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setObjectName("trainCancel")
        cancel.setIcon(QIcon())

    def _lay_out(self) -> None:
        rows = (
            (self.tr("Family"), self._family),
            (self.tr("Minimises"), self._formula),
            (self.tr("Likelihood"), self._likelihood),
            ("", self._meaning),
            (self.tr("Data"), self._dataset),
            ("", self._source),
            (self.tr("Binarise"), self._binarised),
            (self.tr("Augment"), self._augment.row),
            (self.tr("Body, layers"), side_by_side(self._body, self._hidden)),
            (self.tr("Activation"), self._activation),
            (self.tr("Epochs"), self._epochs),
            (self.tr("Batch size"), self._batch),
            (self.tr("Optimiser, peak rate"), side_by_side(self._optimiser, self._rate)),
            (self.tr("Seed, validation"), side_by_side(self._seed, self._validation)),
            (self.tr("Device"), self._device),
        )
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(8)
        for title, widget in rows:
            self._form.addRow(title, widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(ScrolledForm(self._form), 1)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        self._family.currentIndexChanged.connect(self._on_family_changed)
        self._likelihood.currentIndexChanged.connect(self._on_likelihood_changed)
        self._body.currentIndexChanged.connect(self._on_body_changed)
        self._dataset.currentIndexChanged.connect(self._on_dataset_changed)
        self._rate.textChanged.connect(self._check)
        self._hidden.textChanged.connect(self._check)
        self._batch.valueChanged.connect(self._check)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)

    def _on_family_changed(self) -> None:
        """Only the fields that this family has."""
        family = FAMILIES[self._family.currentData()]
        say(self._formula, f"{family.formula_by_terms}\n{family.source}")
        fill(self._body, {name: BODIES[name].title for name in family.bodies})
        chosen, usual = self._likelihood.currentData(), self._usual_likelihood
        fill(self._likelihood, {name: LIKELIHOODS[name].title for name in family.likelihoods})
        self._usual_likelihood = family.likelihoods[0]
        if chosen == usual:  # nobody asked for another one
            self._likelihood.setCurrentIndex(self._likelihood.findData(self._usual_likelihood))
        if self._rate.text() == self._usual_rate:  # nobody asked for another one
            self._rate.setText(f"{family.learning_rate:g}")
        self._usual_rate = f"{family.learning_rate:g}"
        self._optimiser.setVisible(not self._is_game)
        self._on_body_changed()
        self._on_likelihood_changed()

    def _on_body_changed(self) -> None:
        """Only the fields that this body has. Widths of one body are no channels of another."""
        if self._body.currentData() != self._layers_of:
            self._hidden.clear()
        self._layers_of = self._body.currentData()
        self._form.setRowVisible(self._activation, self._is_activated)
        self._offer_layers()
        self._check()

    def _offer_layers(self) -> None:
        """Say which ones there are where none are named."""
        body, (height, width) = BODIES[self._body.currentData()], DATASETS[self._dataset.currentData()].image_shape
        usual = " ".join(str(one) for one in body.default_hidden(height * width))
        self._hidden.setPlaceholderText(self.tr("{} by default").format(usual))

    def _on_likelihood_changed(self) -> None:
        """Only the fields that family and likelihood have."""
        if self._likelihood.currentData() is None:  # it is just being filled
            return
        for field in self._parameters:
            self._form.removeRow(field.row)
        place: int = self._form.getWidgetPosition(self._meaning)[0]  # type: ignore[index]
        self._parameters = []
        for parameter in parameters_of(self._family.currentData(), self._likelihood.currentData()):
            self._parameters.append(parameter_field(parameter, f"train.{parameter.name}"))
            self._form.insertRow(place + len(self._parameters), parameter.title, self._parameters[-1].row)
        say(self._meaning, LIKELIHOODS[self._likelihood.currentData()].help)
        self._form.setRowVisible(self._binarised, self._is_binary)
        self._form.setRowVisible(self._augment.row, self._can_augment)
        self._check()
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """As high as the fields are, as far as the screen lets the dialog be."""
        fit(self, self.sizeHint())

    @property
    def _is_activated(self) -> bool:
        return BODIES[self._body.currentData()].activated

    @property
    def _is_binary(self) -> bool:
        return takes_binary(self._family.currentData(), self._likelihood.currentData())

    @property
    def _is_game(self) -> bool:
        return FAMILIES[self._family.currentData()].is_game

    @property
    def _can_augment(self) -> bool:
        return not FAMILIES[self._family.currentData()].grey

    def _on_dataset_changed(self) -> None:
        suited = TrainConfig(family=self._family.currentData(), dataset=self._dataset.currentData())
        spec = DATASETS[suited.dataset]
        self._epochs.setValue(suited.epochs)
        self._batch.setValue(suited.batch_size)
        self._offer_layers()
        self._source.setText(self.tr("{:,} images, {}").format(sum(spec.size), spec.source))
        self._check()

    def _check(self) -> None:
        try:
            self.config()
        except UserError as error:
            self._problem.setText(str(error))
            self._problem.show()
            self._start.setEnabled(False)
        else:
            self._problem.hide()
            self._start.setEnabled(True)

    def _on_accepted(self) -> None:
        self.train_requested.emit(self.config())
        self.accept()

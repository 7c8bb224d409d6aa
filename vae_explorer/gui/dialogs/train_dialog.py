"""Model ▸ Train…: what to train, checked as it is typed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.gui.views.widgets import label
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.spec import Parameter
from vae_explorer.training.config import DEVICES, TrainConfig


@dataclass(frozen=True, slots=True)
class _ParameterField:
    parameter: Parameter
    box: QDoubleSpinBox


class TrainDialog(QDialog):
    """Emits `train_requested` with a checked configuration."""

    train_requested = Signal(object)  # TrainConfig

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainDialog")
        self.setWindowTitle(self.tr("Train a model"))
        self.setMinimumWidth(440)
        self._family = _choice("trainFamily", {name: FAMILIES[name].title for name in FAMILIES})
        self._dataset = _choice("trainDataset", {name: DATASETS[name].title for name in DATASETS})
        self._body = _choice("trainBody", {name: BODIES[name].title for name in BODIES})
        self._device = _choice("trainDevice", {name: name for name in DEVICES})
        self._epochs = _whole("trainEpochs", 1, 100_000)
        self._batch = _whole("trainBatchSize", 1, 60_000)
        self._seed = _whole("trainSeed", 0, 2**31 - 1)
        self._rate = QLineEdit()
        self._rate.setObjectName("trainLearningRate")
        self._binarised = QCheckBox(self.tr("draw binary images anew for every batch"))
        self._binarised.setObjectName("trainBinarised")
        self._binarised.setToolTip(self.tr("Makes the ELBO a bound on a likelihood that compares with published figures"))
        self._parameters: list[_ParameterField] = []
        self._source = label("muted", name="trainSource")
        self._problem = label("error", name="trainProblem")
        self._problem.setWordWrap(True)
        self._form = QFormLayout()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._start = self._buttons.addButton(self.tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._start.setObjectName("trainStart")
        self._start.setProperty("role", "primary")
        cancel = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setObjectName("trainCancel")
        cancel.setIcon(QIcon())
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
        return TrainConfig(
            family=self._family.currentData(),
            dataset=self._dataset.currentData(),
            body=self._body.currentData(),
            epochs=self._epochs.value(),
            batch_size=self._batch.value(),
            learning_rate=rate,
            parameters={field.parameter.name: field.box.value() for field in self._parameters},
            seed=self._seed.value(),
            device=self._device.currentData(),
            binarised="dynamic" if self._binarised.isChecked() else "none",
        )

    def _lay_out(self) -> None:
        rows = (
            (self.tr("Family"), self._family),
            (self.tr("Data"), self._dataset),
            ("", self._source),
            (self.tr("Body"), self._body),
            (self.tr("Epochs"), self._epochs),
            (self.tr("Batch size"), self._batch),
            (self.tr("Peak learning rate"), self._rate),
            (self.tr("Seed"), self._seed),
            (self.tr("Device"), self._device),
            (self.tr("Binarise"), self._binarised),
        )
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(8)
        for title, widget in rows:
            self._form.addRow(title, widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(self._form)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        self._family.currentIndexChanged.connect(self._on_family_changed)
        self._dataset.currentIndexChanged.connect(self._on_dataset_changed)
        self._rate.textChanged.connect(self._check)
        self._batch.valueChanged.connect(self._check)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)

    def _on_family_changed(self) -> None:
        """Only the fields that this family has."""
        for field in self._parameters:
            self._form.removeRow(field.box)
        self._parameters = []
        for parameter in FAMILIES[self._family.currentData()].parameters:
            box = QDoubleSpinBox()
            box.setObjectName(f"train.{parameter.name}")
            box.setRange(parameter.minimum, parameter.maximum)
            box.setDecimals(3)
            box.setSingleStep(0.1)
            box.setValue(parameter.default)
            box.setToolTip(parameter.help)
            self._form.insertRow(self._form.rowCount() - 3, parameter.symbol, box)
            self._parameters.append(_ParameterField(parameter, box))

    def _on_dataset_changed(self) -> None:
        suited = TrainConfig(dataset=self._dataset.currentData())
        spec = DATASETS[suited.dataset]
        self._epochs.setValue(suited.epochs)
        self._batch.setValue(suited.batch_size)
        self._rate.setText(f"{suited.learning_rate:g}")
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


def _choice(name: str, items: dict[str, str]) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    for data, text in items.items():
        combo.addItem(text, data)
    return combo


def _whole(name: str, low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(name)
    box.setRange(low, high)
    return box

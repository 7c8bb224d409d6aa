"""The dialog Model ▸ Train…, which checks its fields at each change."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.gui.core.listings import Listing
from vae_explorer.gui.features.training.data_field import DataField
from vae_explorer.gui.features.training.family_field import FamilyField
from vae_explorer.gui.features.training.fields import (
    ParameterField,
    choice,
    offer,
    parameter_field,
    set_wrapped_text,
    side_by_side,
    text_field,
    wrapped,
)
from vae_explorer.gui.features.training.option_fields import option_field
from vae_explorer.gui.kit.on_screen import ScrolledForm, fit
from vae_explorer.gui.kit.widgets import label
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.check import parameters_of
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.options import options_of
from vae_explorer.training.usual import usual_batch, usual_body, usual_epochs, usual_layers, usual_likelihood

_OWN_FIELDS = {"family", "dataset", "likelihood", "body", "hidden", "learning_rate"}  # which change each other
_SHARED = {"optimiser", "seed", "validation"}  # options that share a row of the form


@dataclass(frozen=True, slots=True)
class _Choice:
    """Decides which options a run has."""

    family: str
    likelihood: str
    body: str


class TrainDialog(QDialog):
    train_requested = Signal(object)  # TrainConfig

    def __init__(self, parent: QWidget | None = None, config: type[TrainConfig] = TrainConfig) -> None:
        """Offer the data sets and the families that need no search; others are added."""
        super().__init__(parent)
        self._config, self._records = config, options_of(config)
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
        """Return the configuration. Raises `UserError` if a field is invalid."""
        try:
            rate = float(self._rate.text().replace(",", "."))
        except ValueError:
            raise UserError(
                self.tr("learning rate {!r} is no number; write 0.001, for example").format(self._rate.text())
            ) from None
        try:
            hidden = tuple(int(width) for width in self._hidden.text().replace(",", " ").split())
        except ValueError:
            raise UserError(
                self.tr("layers {!r} are no whole numbers; write their widths, such as 256 128").format(self._hidden.text())
            ) from None
        chosen = self._chosen
        return self._config(
            family=chosen.family,
            dataset=self._data.name,
            own=self._data.own,
            likelihood=chosen.likelihood,
            body=chosen.body,
            hidden=hidden,
            learning_rate=rate,
            parameters={field.parameter.name: field.box.value() for field in self._parameters},
            **{name: field.read() for name, field in self._fields.items() if not field.record.why_not(chosen)},
        )

    def choose_dataset(self, name: str, spec: DatasetSpec) -> None:
        self._data.add({name: spec})
        self._data.choose(name)

    def follow(self, datasets: Listing, families: Listing) -> None:
        """Offer what the listings find, as long as the dialog is open."""
        for field, listing in ((self._data, datasets), (self._family, families)):
            listing.found.connect(field.add)
            field.note.follow(listing)
            self.finished.connect(listing.leave)
            listing.look()

    def _make_model_fields(self) -> None:
        self._family = FamilyField(FAMILIES.at_hand(), self)
        self._body, self._likelihood = choice("trainBody", {}), choice("trainLikelihood", {})
        self._usual_likelihood: str | None = None  # the default of the family
        self._usual_body: str | None = None  # the default of the family and the data set
        self._usual_rate, self._layers_body = "", ""  # the default of the family; the body of the typed layers
        self._meaning = wrapped("trainLikelihoodNote")
        self._parameters: list[ParameterField] = []
        self._hidden = text_field("trainHidden", self.tr("Layers"))
        self._hidden.setToolTip(self._records["hidden"].tip)

    def _make_training_fields(self) -> None:
        self._data = DataField(DATASETS.at_hand(), self)
        self._rate = text_field("trainLearningRate", self._records["learning_rate"].title)
        made = {name: record for name, record in self._records.items() if record.title and name not in _OWN_FIELDS}
        self._fields = {name: option_field(name, record) for name, record in made.items()}

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
        own = {name: (self.tr(each.record.title), each.row) for name, each in self._fields.items() if name not in _SHARED}
        rows = (
            (self.tr("Family"), self._family.box),
            (self.tr("Minimises"), self._family.formula),
            ("", self._family.note.label),
            (self.tr("Likelihood"), self._likelihood),
            ("", self._meaning),
            (self.tr("Data"), self._data.box),
            ("", self._data.source),
            ("", self._data.note.label),
            own.pop("binarised"),
            own.pop("augment"),
            (self.tr("Body, layers"), side_by_side(self._body, self._hidden)),
            own.pop("activation"),
            own.pop("epochs"),
            own.pop("batch_size"),
            (self.tr("Optimiser, peak rate"), side_by_side(self._fields["optimiser"].row, self._rate)),
            (self.tr("Seed, validation"), side_by_side(self._fields["seed"].row, self._fields["validation"].row)),
            own.pop("device"),
            *own.values(),
        )
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(8)
        for title, widget in rows:
            self._form.addRow(title, widget)
        for note in (self._family.note, self._data.note):
            self._form.setRowVisible(note.label, False)
        self._scrolled = ScrolledForm(self._form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(self._scrolled, 1)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        self._family.changed.connect(self._on_family_changed)
        self._likelihood.currentIndexChanged.connect(self._on_likelihood_changed)
        self._body.currentIndexChanged.connect(self._on_body_changed)
        self._data.changed.connect(self._on_dataset_changed)
        for note in (self._family.note, self._data.note):
            note.changed.connect(self._show_notes)
        self._rate.textChanged.connect(self._check)
        self._hidden.textChanged.connect(self._check)
        for field in self._fields.values():
            field.changed.connect(self._check)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)

    def _on_family_changed(self) -> None:
        """Offer the fields of the family. Fields at their defaults take the defaults of the family."""
        family = self._family.family
        self._offer_bodies()
        self._offer_likelihoods()
        if self._rate.text() == self._usual_rate:
            self._rate.setText(f"{family.learning_rate:g}")
        self._usual_rate = f"{family.learning_rate:g}"
        self._on_body_changed()
        self._on_likelihood_changed()

    def _offer_likelihoods(self) -> None:
        family, usual = self._family.name, self._usual_likelihood
        self._usual_likelihood = usual_likelihood(family, self._data.spec)
        titles = {name: LIKELIHOODS[name].title for name in FAMILIES[family].likelihoods}
        offer(self._likelihood, titles, usual, self._usual_likelihood)

    def _offer_bodies(self) -> None:
        family, usual = self._family.name, self._usual_body
        self._usual_body = usual_body(family, self._data.spec)
        offer(self._body, {name: BODIES[name].title for name in FAMILIES[family].bodies}, usual, self._usual_body)

    def _on_body_changed(self) -> None:
        """Clear the layers of another body, because widths are no channels."""
        if self._body.currentData() != self._layers_body:
            self._hidden.clear()
        self._layers_body = self._body.currentData()
        self._show_fields()
        self._offer_layers()
        self._check()

    def _offer_layers(self) -> None:
        usual = " ".join(str(width) for width in usual_layers(self._body.currentData(), self._data.spec))
        self._hidden.setPlaceholderText(self.tr("{} by default").format(usual))

    def _on_likelihood_changed(self) -> None:
        if self._likelihood.currentData() is None:  # during `fill`
            return
        for field in self._parameters:
            self._form.removeRow(field.row)
        place: int = self._form.getWidgetPosition(self._meaning)[0]  # type: ignore[index]
        self._parameters = []
        for parameter in parameters_of(self._family.name, self._likelihood.currentData()):
            self._parameters.append(parameter_field(parameter, f"train.{parameter.name}"))
            self._form.insertRow(place + len(self._parameters), parameter.title, self._parameters[-1].row)
        set_wrapped_text(self._meaning, LIKELIHOODS[self._likelihood.currentData()].help)
        self._show_fields()
        self._check()
        QTimer.singleShot(0, self, self._fit)

    def _show_notes(self) -> None:
        for note in (self._family.note, self._data.note):
            self._form.setRowVisible(note.label, bool(note.label.text()))
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        self._scrolled.updateGeometry()  # QScrollArea does not report that its content has grown
        fit(self, self.sizeHint())

    @property
    def _chosen(self) -> _Choice:
        return _Choice(self._family.name, self._likelihood.currentData(), self._body.currentData())

    def _show_fields(self) -> None:
        for name, field in self._fields.items():
            applies = not field.record.why_not(self._chosen)
            if name in _SHARED:
                field.row.setVisible(applies)
            else:
                self._form.setRowVisible(field.row, applies)

    def _on_dataset_changed(self) -> None:
        spec = self._data.spec
        self._fields["epochs"].write(usual_epochs(spec))
        self._fields["batch_size"].write(usual_batch(spec))
        self._offer_likelihoods()
        self._offer_bodies()
        self._offer_layers()
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

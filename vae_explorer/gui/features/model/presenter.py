"""Connects the model panel with the current model."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.codes.state import CodeLabels
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.kit.class_palette import ONE_CLASS
from vae_explorer.gui.kit.class_wheel import ClassWheel
from vae_explorer.models.card import ModelCard, measured_by
from vae_explorer.models.check import parameters_of
from vae_explorer.models.own.contract import contract_of
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.terms import headline


class ModelPresenter(QObject):
    def __init__(self, panel: ModelPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        session.model_changed.connect(self._on_changed)
        session.model_saved.connect(self._on_changed)
        session.part(CodeLabels).changed.connect(self._show_legend)
        panel.switch_toggled.connect(session.options.set_switch)
        session.options.changed.connect(self._show_switches)

    @Slot()
    def _show_switches(self) -> None:
        self._panel.show_switches(self._session.options.switches)

    @Slot(object)
    def _on_changed(self, model: OpenModel) -> None:
        card = model.card
        lines = self._about_own(card) if card.is_own else self._about(card)
        result = headline(card.spec, card.metrics, card.errors)
        lines += [self.tr("test {}").format(result)] if result else []
        lines.append(measured_by(card))
        lines += filter(None, (card.family.note,))
        if model.name != card.name:
            lines.insert(0, self.tr("trained as {}").format(card.name))
        self._panel.set_model(model.name, "\n".join(lines))
        self._panel.colour.set_nothing(self.tr("By class") if card.classes else self.tr("One colour"))
        family = card.family
        self._panel.set_switches([(switch.name, switch.title, switch.help) for switch in family.switches])

    def _about(self, card: ModelCard) -> list[str]:
        body = "–".join(str(width) for width in card.spec.hidden)
        network = ", ".join(filter(None, (f"{card.spec.body} {body}", _parameters(card.spec))))
        return [f"{card.spec.family} on {card.dataset}", network]

    def _about_own(self, card: ModelCard) -> list[str]:
        kind = self.tr("{} with {}").format(card.family.title, card.dataset)
        return [kind, contract_of(card).said, *filter(None, (_parameters(card.spec),))]

    @Slot()
    def _show_legend(self) -> None:
        groups = self._session.part(CodeLabels).grouping
        self._panel.legend.set_classes(groups.names, groups.palette.counts.tolist(), groups.column)


class ClassWheelPresenter(QObject):
    """Shows the class wheel for models that decode with a class."""

    def __init__(self, wheel: ClassWheel, session: Session) -> None:
        super().__init__(session)
        self._wheel, self._session = wheel, session
        wheel.label_chosen.connect(session.options.set_label)
        session.options.changed.connect(self._show_label)
        session.model_changed.connect(self._on_model_changed)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        classes = model.card.classes if self._session.options.classes else ()
        self._wheel.set_classes(classes, self._session.part(CodeLabels).classes.palette if classes else ONE_CLASS)
        self._show_label()

    @Slot()
    def _show_label(self) -> None:
        self._wheel.set_label(self._session.options.label)


def _parameters(spec: ModelSpec) -> str:
    """Return the parameters, except parameters that are 0 by default and 0."""
    own = [each for each in parameters_of(spec.family, spec.likelihood) if each.name in spec.parameters]
    shown = [each for each in own if each.default or spec.parameters[each.name]]
    return ", ".join(f"{each.symbol} = {spec.parameters[each.name]:g}" for each in shown)


def present(context: Context) -> None:
    panel, session = context.panel(ModelPanel), context.session
    ModelPresenter(panel, session)
    ClassWheelPresenter(context.map_area.class_wheel, session)
    for overlay in context.overlays:
        panel.add_overlay(overlay.name, overlay.tr(overlay.title), overlay.tr(overlay.tip), overlay.on_at_first)
    panel.overlay_toggled.connect(context.overlays.set_visible)
    panel.train_requested.connect(context.shell.request_training)
    panel.legend.hidden_changed.connect(context.view.set_hidden_classes)
    panel.legend.hidden_changed.connect(session.codes_index.set_hidden)

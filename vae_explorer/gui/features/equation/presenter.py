"""Fills the equation panel with the family's objective and the terms of the analysed image."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from vae_explorer import locations
from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.equation.panel import EquationPanel
from vae_explorer.gui.features.equation.term_box import EquationTerm
from vae_explorer.gui.features.evidence.facts import facts_of_image
from vae_explorer.gui.features.evidence.help import PENDING
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.subject import SubjectPresenter
from vae_explorer.gui.features.evidence.thread import OBJECTIVE, ObjectiveAnalysis
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.states import RemedyPresenter, image_state
from vae_explorer.models.terms import NATS, given_class, term

if TYPE_CHECKING:
    from vae_explorer.inference.objective import ObjectiveTerm

_KL = "kl"


class EquationPresenter(QObject):
    """β starts at the trained weight. The slider changes the sum, not the model."""

    def __init__(self, panel: EquationPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        self._help: dict[str, str] = json.loads((locations.resources() / "help" / "objectives.json").read_text("utf-8"))
        self._terms: tuple[ObjectiveTerm, ...] = ()
        self._is_outdated = False  # whether the terms belong to another image
        self._beta: float | None = None  # None until a person moves the slider
        panel.term_hovered.connect(self._on_term_hovered)
        panel.beta_changed.connect(self._on_beta_changed)
        SubjectPresenter(panel.subject, session)
        RemedyPresenter(panel.state_line, session)
        panel.visibility_changed.connect(lambda visible: session.part(ImageAnalysis).watch(OBJECTIVE, visible))
        session.model_changed.connect(self._on_model_changed)
        session.part(ImageAnalysis).image_changed.connect(self._on_image_changed)
        session.part(ImageAnalysis).objective_found.connect(self._on_objective_found)
        for changed in (session.part(ImageAnalysis).requests_changed, session.inspection.changed, session.jobs.changed):
            changed.connect(self._show_state)
        self._show_state()

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._beta, self._terms = None, ()
        self._explain()
        self._show_state()

    @Slot()
    def _on_image_changed(self) -> None:
        self._is_outdated = True
        self._show()

    @Slot(object)
    def _on_objective_found(self, found: ObjectiveAnalysis | None) -> None:
        self._terms, self._is_outdated = found.terms if found is not None else (), False
        self._show()
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        note = "" if self._terms else None
        why_none = "" if self._session.part(ImageAnalysis).has_objective else self._help["unknown"]
        self._panel.state_line.set_state(
            image_state(facts_of_image(self._session, OBJECTIVE, why_none, note), self.tr("The terms are being computed…"))
        )

    @Slot(float)
    def _on_beta_changed(self, beta: float) -> None:
        self._beta = beta
        self._show()

    @Slot(str)
    def _on_term_hovered(self, name: str) -> None:
        self._session.part(ImageAnalysis).set_hovered_term(name)
        found = term(name) if name else None
        if found is None:
            self._explain()
        else:
            self._panel.set_explanation(f"{found.title}: {found.help}")

    def _explain(self) -> None:
        model = self._session.model
        if model is not None:
            other = self._help["other"] if model.card.family.minimises else ""
            self._panel.set_explanation(self._help.get(model.card.spec.family, other))

    def _show(self) -> None:
        model = self._session.model
        if model is None:
            return
        has_sum = any(each.weight is not None for each in self._terms)
        weights = {each.name: self._weight(each) for each in self._terms}
        prefix = self.tr("minimised:") if has_sum else self.tr("a game of")
        family = model.card.family
        if not self._terms:
            self._show_formula(family.formula_by_terms)
            return
        symbols = {parameter.weighs: parameter.symbol for parameter in family.parameters if parameter.weighs}
        terms = [self._equation_term(each, weights[each.name], symbols, index == 0) for index, each in enumerate(self._terms)]
        self._panel.set_terms(prefix, tuple(terms))
        total = sum((weights[each.name] or 0.0) * each.value for each in self._terms)
        least_exact = min(self._terms, key=lambda each: (each.exact, not each.sampled))
        words = f"= {PENDING}" if self._is_outdated else f"= {_number(total)} ({self._exactness(least_exact)})"
        self._panel.set_sum(words if has_sum and not math.isnan(total) else "")
        self._panel.set_beta(weights.get(_KL))

    def _show_formula(self, formula: str) -> None:
        self._panel.set_terms(self.tr("Minimised: {}").format(formula) if formula else "", ())
        self._panel.set_sum("")
        self._panel.set_beta(None)

    def _weight(self, each: ObjectiveTerm) -> float | None:
        if each.name == _KL and each.weight is not None and self._beta is not None:
            return self._beta
        return each.weight

    def _equation_term(self, each: ObjectiveTerm, weight: float | None, symbols: dict[str, str], first: bool) -> EquationTerm:
        found = term(each.name)
        sign = "" if weight is None else "−" if weight < 0 else "" if first else "+"
        size = abs(weight) if weight is not None else 1.0
        is_moved = each.name == _KL and self._beta is not None
        symbol = "β" if is_moved else symbols.get(each.name, "") if size != 1 else ""
        factor = f"{symbol} ·" if symbol else f"{size:.6g} ·" if size != 1 else ""
        tip = self.tr("{} (mean over batches of codes)").format(found.title) if each.of_all else found.title
        return EquationTerm(
            each.name, sign, factor, self._symbol(each.name), self._value(each, size, symbol), self._how(each), tip
        )

    def _value(self, each: ObjectiveTerm, weight: float, symbol: str) -> str:
        """Return the number, with its weight below a symbol. The numbers add up to the sum."""
        if self._is_outdated and not each.of_all:
            return PENDING
        unit = " nats" if term(each.name).unit == NATS else ""
        if not symbol or math.isnan(each.value):
            return _number(each.value) + unit
        return f"{weight:.6g} · {_number(each.value, 2 + max(0, math.ceil(math.log10(max(weight, 1)))))}{unit}"

    def _symbol(self, name: str) -> str:
        """Return the symbol as a conditional model, or a model with point codes, needs it."""
        found, model = term(name), self._session.model
        symbol = found.symbol or found.title
        if model is None:
            return given_class(symbol, None)
        of_points = found.of_points if model.card.family.has_points else ""
        return given_class(of_points or symbol, model.card.spec)

    def _how(self, each: ObjectiveTerm) -> str:
        if each.of_all:
            return self.tr("of batches")
        if math.isnan(each.value):
            return self.tr("needs all pixels")
        return self._exactness(each)

    def _exactness(self, each: ObjectiveTerm) -> str:
        if each.exact:
            return self.tr("exact")
        return self.tr("sampled") if each.sampled else self.tr("not exact")


def _number(value: float, decimals: int = 2) -> str:
    if math.isnan(value):
        return "–"
    return (f"{value:.{decimals}f}" if abs(value) >= 0.1 or value == 0 else f"{value:.3g}").replace("-", "−")


def present(context: Context) -> None:
    panel = context.panel(EquationPanel)
    EquationPresenter(panel, context.session)
    context.visibility_changed("equation").connect(panel.visibility_changed)

"""Fills the health panel for the model on screen."""

from __future__ import annotations

import json
import math

from PySide6.QtCore import QObject, QTimer, Slot

from vae_explorer import locations
from vae_explorer.codes import Codes
from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.evidence.help import PENDING
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.health.panel import HealthPanel
from vae_explorer.gui.features.health.state import CodesHealth
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, Nothing, Ready, Working
from vae_explorer.kinds import Binarised, PosteriorKind
from vae_explorer.latent.aggregate import Surgery
from vae_explorer.latent.health import Health, Verdict
from vae_explorer.latent.plane import is_on_map
from vae_explorer.latent.section import name_of
from vae_explorer.models.families import family_named
from vae_explorer.models.spec import LATENT_DIM
from vae_explorer.models.terms import number

MEASURE_AFTER_MS = 150  # the map of a new model comes first
_AT_ONCE = 1 << 14  # codes; the first of them lies on the map, as a rule


class HealthPresenter(QObject):
    def __init__(self, panel: HealthPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        self._sentences: dict[str, str] = json.loads((locations.resources() / "help" / "health.json").read_text("utf-8"))
        self._health: Health | None = None
        self._is_pending = False  # whether KL(q(z) ‖ p(z)) is being computed
        self._marginal_kl: float | None = None  # nats
        self._measure_soon = QTimer(self)
        self._measure_soon.setSingleShot(True)
        self._measure_soon.setInterval(MEASURE_AFTER_MS)
        self._measure_soon.timeout.connect(self._measure)
        session.model_changed.connect(self._on_model_changed)
        session.part(CodesHealth).measured.connect(self._on_measured)
        session.part(CodesHealth).failed.connect(self._on_failed)
        session.part(CodesHealth).surgery_done.connect(self._on_surgery_done)
        session.part(CodesHealth).surgery_failed.connect(self._on_surgery_failed)
        self._last_model: OpenModel | None = None
        self._surgery_sentences: dict[str, str] = json.loads(
            (locations.resources() / "help" / "surgery.json").read_text("utf-8")
        )

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        """Remove the numbers of another model. A run's numbers stay until the next epoch's numbers."""
        last, self._last_model = self._last_model, model
        self._health = self._marginal_kl = None
        self._is_pending = isinstance(self._state_of_surgery(model), Working)
        self._measure_soon.start()
        if last is None or last.path is not None or model.path is not None:
            self._panel.replace_numbers(PENDING)
            self._panel.set_state(Working(self.tr("The codes are being measured…")))
            self._panel.set_surgery_state(self._state_of_surgery(model))

    @Slot()
    def _measure(self) -> None:
        if self._session.model is not None:
            file = self._session.model.file
            family = file.card.family
            self._session.part(CodesHealth).measure(file.codes, family.codes_are)
            state = self._state_of_surgery(self._session.model)
            self._panel.set_surgery_state(state)
            self._is_pending = isinstance(state, Working)
            if self._is_pending:
                self._session.part(CodesHealth).run_surgery(file.codes)

    def _state_of_surgery(self, model: OpenModel) -> Working | Nothing | NotAtHand:
        why_not = self._why_no_surgery(model)
        if not why_not:
            return Working(self.tr("The KL term is being split…"))
        return (
            NotAtHand(self._surgery_sentences[why_not]) if why_not == "training" else Nothing(self._surgery_sentences[why_not])
        )

    @Slot(str)
    def _on_failed(self, message: str) -> None:
        self._panel.set_state(Failed(message))

    @Slot(str)
    def _on_surgery_failed(self, message: str) -> None:
        self._is_pending = False
        self._panel.set_surgery_state(Failed(message))
        self._show_sentence()

    def _why_no_surgery(self, model: OpenModel) -> str:
        """Return the name of a surgery sentence, or an empty text where surgery is possible."""
        posterior = model.card.family.posterior
        if posterior is not PosteriorKind.GAUSSIAN:
            return str(posterior)
        if not len(model.file.codes):
            return "no codes"
        codes = model.file.codes
        parts = (slice(start, start + _AT_ONCE) for start in range(0, len(codes), _AT_ONCE))
        if not any((is_on_map(codes.mean[part]) & is_on_map(codes.std[part])).any() for part in parts):
            return "far"
        return "training" if self._session.part(TrainingState).makes(self._session.model) else ""

    @Slot(object, object)
    def _on_measured(self, codes: Codes, found: Health) -> None:
        if self._session.model is None or codes is not self._session.model.file.codes:
            return
        self._show_latents(found)
        self._health = found
        self._show_sentence()

    def _show_latents(self, found: Health) -> None:
        """Show one or two latents; of more latents the two with the most KL, or the widest."""
        most = found.std if found.kl is None else found.kl
        shown = range(len(most)) if len(most) <= 2 else sorted(range(len(most)), key=lambda latent: -most[latent])[:2]
        yes, no = self.tr("yes"), self.tr("no")
        self._panel.set_latents([name_of(latent) for latent in shown])
        self._panel.set_row("active", [yes if found.active[latent] else no for latent in shown])
        self._panel.set_row("kl", ["–" if found.kl is None else number(found.kl[latent], 2) for latent in shown])
        self._panel.set_row("mean", [number(found.mean[latent], 2, sign="+") for latent in shown])
        self._panel.set_row("std", [f"{found.std[latent]:.2f}" for latent in shown])

    @Slot(object, object)
    def _on_surgery_done(self, codes: Codes, found: Surgery) -> None:
        if self._session.model is None or codes is not self._session.model.file.codes:
            return
        values = {name: getattr(found, name) for name in ("mean_kl", "information", "marginal_kl")}
        errors = {"information": found.information_se, "marginal_kl": found.marginal_kl_se}
        numbers = {name: number(value, 3, errors.get(name)) for name, value in values.items()}
        explained = "explained" if found.marginal_kl_se is None else "estimated"
        words = self._surgery_sentences[explained].format(**numbers, most=f"{math.log(len(codes)):.1f}")
        self._panel.set_surgery(numbers | {"residual": f"{found.residual:.0e}".replace("-", "−")})
        is_binarised = self._session.model.card.binarised is Binarised.DYNAMIC
        self._panel.set_surgery_state(Ready(f"{words} {self._surgery_sentences['grey']}" if is_binarised else words))
        self._marginal_kl = found.marginal_kl
        self._show_sentence()

    def _show_sentence(self) -> None:
        if self._health is None or self._session.model is None:
            return
        found = self._health if self._marginal_kl is None else self._health.with_marginal(self._marginal_kl)
        sentence = health_sentence(self._sentences, found, self._session.model.card.spec.family, self._is_pending)
        self._panel.set_sentence(sentence)
        self._panel.set_state(Nothing(sentence) if found.verdict is Verdict.NO_CODES else Ready())


def health_sentence(sentences: dict[str, str], found: Health, family: str, pending: bool = False) -> str:
    """Return the sentence of a verdict with numbers, and with remedies that the family has."""
    latents, active = len(found.active), sum(found.active)
    numbers = {"distance": found.distance, "marginal": found.marginal_kl}
    written = {name: "–" if value is None else number(value, 2) for name, value in numbers.items()}
    written |= {"latents": str(latents), "active": str(active), "inactive": str(latents - active)}
    written["used"] = sentences.get(f"used, {latents}", sentences["used, many"]).format(**written)
    names = [parameter.name for parameter in family_named(family).parameters]
    remedies = {
        way: next((sentences[f"{way}, {name}"] for name in names if f"{way}, {name}" in sentences), sentences["longer"])
        for way in ("less", "more")
    }
    name = "in use, pending" if pending and found.verdict is Verdict.IN_USE else found.verdict.value
    if latents > LATENT_DIM:
        name = f"{name}, many" if f"{name}, many" in sentences else name
    return sentences[name].format(**written, **remedies, longer=sentences["longer"])


def present(context: Context) -> None:
    HealthPresenter(context.panel(HealthPanel), context.session)

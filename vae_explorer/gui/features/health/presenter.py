"""What the health panel says of the model on screen."""

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
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.terms import number

_REST = 150  # milliseconds after a model has come: its map comes first


class HealthPresenter(QObject):
    """Has the figures worked out once for each model."""

    def __init__(self, panel: HealthPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        self._sentences: dict[str, str] = json.loads((locations.resources() / "help" / "health.json").read_text("utf-8"))
        self._health: Health | None = None
        self._is_pending = False  # whether KL(q(z) ‖ p(z)) is being computed
        self._marginal_kl: float | None = None  # of the model on screen, once it is known
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._measure)
        session.model_changed.connect(self._on_model_changed)
        session.part(CodesHealth).measured.connect(self._on_measured)
        session.part(CodesHealth).failed.connect(self._on_failed)
        session.part(CodesHealth).taken_apart.connect(self._on_taken_apart)
        session.part(CodesHealth).surgery_failed.connect(self._on_surgery_failed)
        self._before: OpenModel | None = None
        self._parts: dict[str, str] = json.loads((locations.resources() / "help" / "surgery.json").read_text("utf-8"))

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        """The numbers of a run's last epoch stay until those of the next one come; numbers of another model go."""
        before, self._before = self._before, model
        self._health = self._marginal_kl = None
        self._is_pending = isinstance(self._state_of_surgery(model), Working)
        self._rest.start()
        if before is None or before.path is not None or model.path is not None:
            self._panel.take_numbers_away(PENDING)
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
                self._session.part(CodesHealth).take_apart(file.codes)

    def _state_of_surgery(self, model: OpenModel) -> Working | Nothing | NotAtHand:
        why_not = self._why_whole(model)
        if not why_not:
            return Working(self.tr("The KL term is being taken apart…"))
        return NotAtHand(self._parts[why_not]) if why_not == "training" else Nothing(self._parts[why_not])

    @Slot(str)
    def _on_failed(self, message: str) -> None:
        self._panel.set_state(Failed(message))

    @Slot(str)
    def _on_surgery_failed(self, message: str) -> None:
        self._is_pending = False
        self._panel.set_surgery_state(Failed(message))
        self._say()

    def _why_whole(self, model: OpenModel) -> str:
        """Why the KL term is not taken apart, by its name among the sentences; empty where it is."""
        posterior = model.card.family.posterior
        if posterior is not PosteriorKind.GAUSSIAN:
            return str(posterior)
        if not len(model.file.codes):
            return "no codes"
        codes = model.file.codes
        if not (is_on_map(codes.mean) & is_on_map(codes.std)).any():
            return "far"
        return "training" if self._session.part(TrainingState).makes(self._session.model) else ""

    @Slot(object, object)
    def _on_measured(self, codes: Codes, found: Health) -> None:
        """Those of a model that is no longer on screen are dropped."""
        if self._session.model is None or codes is not self._session.model.file.codes:
            return
        yes, no = self.tr("yes"), self.tr("no")
        self._panel.set_row("active", *(yes if active else no for active in found.active))
        self._panel.set_row("kl", *(("–", "–") if found.kl is None else (number(kl, 2) for kl in found.kl)))
        self._panel.set_row("mean", *(number(value, 2, sign="+") for value in found.mean))
        self._panel.set_row("std", *(f"{value:.2f}" for value in found.std))
        self._health = found
        self._say()

    @Slot(object, object)
    def _on_taken_apart(self, codes: Codes, found: Surgery) -> None:
        if self._session.model is None or codes is not self._session.model.file.codes:
            return
        values = {name: getattr(found, name) for name in ("mean_kl", "information", "marginal_kl")}
        numbers = {name: number(value, 3) for name, value in values.items()}
        words = self._parts["explained"].format(**numbers, most=f"{math.log(len(codes)):.1f}")
        self._panel.set_surgery(numbers | {"residual": f"{found.residual:.0e}".replace("-", "−")})
        is_binarised = self._session.model.card.binarised is Binarised.DYNAMIC
        self._panel.set_surgery_state(Ready(f"{words} {self._parts['grey']}" if is_binarised else words))
        self._marginal_kl = found.marginal_kl
        self._say()

    def _say(self) -> None:
        """The sentence of what is known by now: mean and std come before KL(q(z) ‖ p(z))."""
        if self._health is None or self._session.model is None:
            return
        known = self._health if self._marginal_kl is None else self._health.with_marginal(self._marginal_kl)
        sentence = health_sentence(self._sentences, known, self._session.model.card.spec.family, self._is_pending)
        self._panel.set_sentence(sentence)
        self._panel.set_state(Nothing(sentence) if known.verdict is Verdict.NO_CODES else Ready())


def health_sentence(sentences: dict[str, str], found: Health, family: str, pending: bool = False) -> str:
    """The sentence of a verdict, with its numbers, and with what the parameters of the family can do about it."""
    numbers = {"distance": found.distance, "marginal": found.marginal_kl}
    written = {name: "–" if value is None else number(value, 2) for name, value in numbers.items()}
    names = [parameter.name for parameter in FAMILIES[family].parameters]
    remedies = {
        way: next((sentences[f"{way}, {name}"] for name in names if f"{way}, {name}" in sentences), sentences["longer"])
        for way in ("less", "more")
    }
    name = "in use, pending" if pending and found.verdict is Verdict.IN_USE else found.verdict.value
    return sentences[name].format(**written, **remedies, longer=sentences["longer"])


def present(context: Context) -> None:
    HealthPresenter(context.panel(HealthPanel), context.session)

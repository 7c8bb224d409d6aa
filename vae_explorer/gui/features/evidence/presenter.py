"""Fills the evidence panel with log p(x) of the analysed image and with its terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.evidence.facts import facts_of_image
from vae_explorer.gui.features.evidence.help import PENDING, analysis_help
from vae_explorer.gui.features.evidence.panel import Bar, EvidencePanel, Segment
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.subject import SubjectPresenter, look_at_posteriors
from vae_explorer.gui.features.evidence.thread import EVIDENCE, EstimateAnalysis, EvidenceAnalysis
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.inspector.state import PosteriorDensity
from vae_explorer.gui.features.states import RemedyPresenter, image_state
from vae_explorer.kinds import Binarised
from vae_explorer.models.bits import bits_per_dim, has_bits
from vae_explorer.models.card import ModelCard, measured_by
from vae_explorer.models.spec import LATENT_DIM
from vae_explorer.models.terms import BITS_DECIMALS, given_class, number

_IN_BITS = {"elbo_bits": "elbo", "log_evidence_bits": "log_evidence"}  # row -> figure
_OF_EXACT, _OF_ESTIMATES = ("residual", "step"), ("encoder_estimate", "effective_samples")  # rows
_SMALL = 1e-3  # nats; smaller numbers are written as powers of ten
_ZERO = 1e-12  # nats; smaller numbers are written as 0
_NEGATIVE_GAP = -0.001  # nats; quadrature errors are smaller


if TYPE_CHECKING:
    from vae_explorer.inference.evidence.results import Estimates


class EvidencePresenter(QObject):
    def __init__(self, panel: EvidencePanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        for name, title, tip, is_sum in self._rows():
            panel.add_row(name, self._titled(name, title), self._with_class(tip), is_sum)
        for row in (*_IN_BITS, *_OF_ESTIMATES):
            panel.set_row_visible(row, False)
        if session.model is not None:
            self._show_rows(session.model.card)
        SubjectPresenter(panel.subject, session)
        RemedyPresenter(panel.body.line, session)
        panel.visibility_changed.connect(lambda visible: session.part(ImageAnalysis).watch(EVIDENCE, visible))
        session.model_changed.connect(self._on_model_changed)
        session.part(ImageAnalysis).image_changed.connect(self._on_image_changed)
        session.part(ImageAnalysis).evidence_found.connect(self._on_found)
        self._note: str | None = None  # explains the numbers; None until there are numbers
        for changed in (session.part(ImageAnalysis).requests_changed, session.inspection.changed, session.jobs.changed):
            changed.connect(self._show_state)
        self._show_state()

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._show_state()
        for name, title, tip, _ in self._rows():
            self._panel.set_words(name, self._titled(name, title), self._with_class(tip))
        self._show_rows(model.card)

    def _show_rows(self, card: ModelCard) -> None:
        """Show the rows of exact numbers or of estimates, and bits a dimension where they exist."""
        for row in _IN_BITS:
            self._panel.set_row_visible(row, has_bits(card.spec))
        is_drawn = card.spec.latent_dim >= LATENT_DIM and not card.family.posed
        self._panel.set_legend(is_drawn, on_section=card.spec.latent_dim > LATENT_DIM)
        for rows, visible in ((_OF_EXACT, not card.has_estimates), (_OF_ESTIMATES, card.has_estimates)):
            for row in rows:
                self._panel.set_row_visible(row, visible)

    def _titled(self, name: str, title: str) -> str:
        model = self._session.model
        is_estimate = model is not None and model.card.has_estimates and name == "log_evidence"
        return self._with_class(self.tr("{}, estimate").replace("{}", title) if is_estimate else title)

    def _with_class(self, words: str) -> str:
        model = self._session.model
        return given_class(words, model.card.spec if model is not None else None)

    def _rows(self) -> tuple[tuple[str, str, str, bool], ...]:
        """Return (name, title, tip, whether the row is a sum)."""
        return (
            (
                "reconstruction",
                self.tr("reconstruction term"),
                self.tr("E_q[log p(x|z{also})]: how well draws of q(z|x{also}) explain x"),
                False,
            ),
            ("kl", self.tr("− KL term"), self.tr("KL(q(z|x{also}) ‖ p(z)): the cost of the code"), False),
            ("elbo", self.tr("= ELBO"), self.tr("The lower bound of log p(x{given}) with q(z|x{also})"), True),
            ("elbo_bits", self.tr("in bits/dim"), self.tr("−ELBO / (D ln 2), with D numbers in an image"), False),
            (
                "approximation",
                self.tr("+ approximation gap"),
                self.tr("What the best diagonal Gaussian loses against log p(x{given}) (Cremer 2018)"),
                False,
            ),
            ("amortisation", self.tr("+ amortisation gap"), self.tr("What q(z|x{also}) loses against that Gaussian"), False),
            (
                "log_evidence",
                self.tr("= log p(x{given})"),
                self.tr("log ∫ p(x|z{also}) p(z) dz, by quadrature; an estimate with more than two latents"),
                True,
            ),
            (
                "log_evidence_bits",
                self.tr("in bits/dim"),
                self.tr("−log p(x{given}) / (D ln 2), with D numbers in an image"),
                False,
            ),
            (
                "posterior_kl",
                self.tr("KL(q ‖ true posterior)"),
                self.tr(
                    "KL(q(z|x{also}) ‖ p(z|x{also})), by a separate quadrature; of estimates the difference log p(x{given}) − ELBO"
                ),
                False,
            ),
            (
                "encoder_estimate",
                self.tr("estimate by q(z|x{also}) alone"),
                self.tr("log p(x{given}) by importance sampling with the encoder's q(z|x{also}) as the proposal"),
                False,
            ),
            (
                "effective_samples",
                self.tr("effective samples"),
                self.tr("(Σ w)² / Σ w² of the weights of the mixture's draws, of so many draws"),
                False,
            ),
            ("residual", self.tr("log p(x{given}) − ELBO − KL"), self.tr("0 if all three numbers are exact"), False),
            ("step", self.tr("step halving"), self.tr("The largest change of a number after halving the step"), False),
        )

    @Slot()
    def _on_image_changed(self) -> None:
        self._panel.set_numbers({name: PENDING for name, *_ in self._rows()})
        self._panel.fade_bars()
        self._note = None

    @Slot(object)
    def _on_found(self, answer: EvidenceAnalysis | EstimateAnalysis | None) -> None:
        self._note = None
        if isinstance(answer, EstimateAnalysis):
            self._show_estimates(answer.estimates)
            return
        if answer is None:
            self._panel.set_numbers({})
            self._panel.set_bars(())
            self._show_state()
            return
        found = answer.evidence
        values = {
            name: float(getattr(found, name)[0]) for name in ("reconstruction", "kl", "elbo", "posterior_kl", "log_evidence")
        }
        values |= {"approximation": float(answer.gaps.approximation[0]), "amortisation": float(answer.gaps.amortisation[0])}
        numbers = {name: _nats(value) for name, value in values.items()} | self._bits(values)
        largest_change = max(float(each.step_halving_difference[0]) for each in (found, answer.gaps))
        numbers |= {"residual": _nats(float(found.residual[0])), "step": _nats(largest_change)}
        self._panel.set_numbers(numbers)
        self._panel.set_bars(self._bars(values))
        is_exact = bool(found.converged[0] and answer.gaps.converged[0])
        is_negative = values["amortisation"] < _NEGATIVE_GAP
        beats_gaussian = is_exact and self._session.part(PosteriorDensity).bends and is_negative
        names = [self._exact_note() if is_exact else "not exact", *(["below 0"] if beats_gaussian else [])]
        model = self._session.model
        self._note = " ".join(analysis_help()[name] for name in names).format(basis=measured_by(model.card) if model else "")
        self._show_state()

    def _show_estimates(self, found: Estimates) -> None:
        names = ("reconstruction", "kl", "elbo", "posterior_kl", "log_evidence", "approximation", "amortisation")
        values = {name: float(getattr(found, name)[0]) for name in names}
        numbers = {name: number(value, 2) for name, value in values.items()} | self._bits(values)
        numbers |= {"elbo": number(values["elbo"], 2, float(found.elbo_se[0]))}
        numbers |= {"log_evidence": number(values["log_evidence"], 2, float(found.mixture.se[0]))}
        numbers |= {"encoder_estimate": number(float(found.encoder.log_evidence[0]), 2, float(found.encoder.se[0]))}
        effective = float(found.mixture.effective_samples[0])
        numbers |= {"effective_samples": self.tr("{} of {}").format(round(effective), found.draws)}
        self._panel.set_numbers(numbers)
        self._panel.set_bars(self._bars(values))
        model = self._session.model
        is_posed = model is not None and model.card.family.posed
        names_of_notes = ["estimate", *(["posed"] if is_posed else []), *(["few"] if found.mixture.few[0] else [])]
        basis = measured_by(model.card) if model is not None else ""
        words = " ".join(analysis_help()[name] for name in names_of_notes)
        spec = model.card.spec if model is not None else None
        self._note = given_class(words, spec, basis=basis, draws=f"{found.draws:,}", effective=str(round(effective)))
        self._show_state()

    def _bits(self, values: dict[str, float]) -> dict[str, str]:
        """Return the figures of all pixels in bits a dimension by row; none of the seen pixels alone, and none of a density."""
        model = self._session.model
        if model is None or self._session.part(ImageAnalysis).is_partial:
            return {}
        bits = {row: bits_per_dim(values[name], model.card.spec) for row, name in _IN_BITS.items()}
        return {row: number(value, BITS_DECIMALS) for row, value in bits.items() if value is not None}

    def _exact_note(self) -> str:
        """Return the name of the sentence about the measured pixels."""
        model = self._session.model
        if self._session.part(ImageAnalysis).is_partial:
            return "exact, hidden"
        if model is None or model.card.binarised is not Binarised.DYNAMIC:
            return "exact"
        return "exact, halved" if self._session.part(ImageAnalysis).subject.is_drawing else "exact, binarised"

    @Slot()
    def _show_state(self) -> None:
        why = self._session.part(ImageAnalysis).why_no_evidence
        why_none = analysis_help()["no evidence"].format(why) if why else ""
        facts = facts_of_image(self._session, EVIDENCE, why_none, self._note)
        self._panel.set_state(image_state(facts, self.tr("log p(x) and its terms are being computed…")))

    def _bars(self, values: dict[str, float]) -> tuple[Bar, ...]:
        """Return two bars of length −ELBO; none where grey pixels' densities give negative costs."""
        cost, evidence = -values["reconstruction"], -values["log_evidence"]
        if cost <= 0 or evidence <= 0:
            return ()
        middle = Segment(self.tr("approximation"), values["approximation"], "violet")
        rest = Segment(self.tr("amortisation"), values["amortisation"], "accent", weak=True)
        bound = (
            Segment(self.tr("reconstruction"), cost, "accent"),
            Segment(self.tr("KL term"), values["kl"], "accent", weak=True),
        )
        return bound, (Segment(self._with_class(self.tr("−log p(x{given})")), evidence, "warm"), middle, rest)


def _nats(value: float) -> str:
    if abs(value) < _ZERO:
        return "0"
    text = f"{value:.4f}" if abs(value) >= _SMALL else f"{value:.0e}"
    return text.replace("-", "−")


def present(context: Context) -> None:
    panel = context.panel(EvidencePanel)
    EvidencePresenter(panel, context.session)
    panel.subject.zoom_requested.connect(lambda: look_at_posteriors(context.session, context.view))
    context.visibility_changed("evidence").connect(panel.visibility_changed)

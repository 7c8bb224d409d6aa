"""Connects the samples panel with the draws."""

from __future__ import annotations

import json
from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot

from vae_explorer import locations
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.samples.panel import SamplesPanel
from vae_explorer.gui.features.samples.state import PosteriorDraws, PriorDraws, Samples
from vae_explorer.gui.kit.panel_state import NotAtHand, Nothing, PanelState, Ready
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.kinds import PosteriorKind
from vae_explorer.latent.sampling import NOISE_REACH


class SamplesPresenter(QObject):
    def __init__(self, panel: SamplesPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session, self._samples = panel, session, session.part(Samples)
        self._sentences: dict[str, str] = json.loads((locations.resources() / "help" / "samples.json").read_text("utf-8"))
        samples, tray = session.part(Samples), panel.tray
        tray.draw_requested.connect(samples.draw)
        tray.clear_requested.connect(samples.clear)
        tray.seed_changed.connect(samples.set_seed)
        tray.count_changed.connect(samples.set_count)
        tray.chosen.connect(samples.choose)
        panel.noise_moved.connect(samples.move_noise)
        panel.draw_selected.connect(samples.select)
        panel.redraw_requested.connect(samples.draw_noise)
        samples.prior_changed.connect(self._show_prior)
        samples.posterior_changed.connect(self._show_posterior)
        session.model_changed.connect(self._show_all)
        self._show_all()

    @property
    def _has_codes(self) -> bool:
        model = self._session.model
        return model is None or bool(len(model.file.codes))

    @Slot()
    def _show_all(self, *_: object) -> None:
        self._show_prior(self._samples.prior)
        self._show_posterior(self._samples.posterior)

    @Slot(object)
    def _show_prior(self, prior: PriorDraws) -> None:
        tips = [_numbers("z = ({:+.3f}, {:+.3f})", *z) for z in prior.z]
        self._panel.tray.set_samples(self._samples.count, prior.seed, tips, prior.images, prior.chosen)

    @Slot(object)
    def _show_posterior(self, draws: PosteriorDraws | None) -> None:
        kind = self._samples.kind
        if draws is None:
            self._panel.set_state(draws_state(kind, self._has_codes, self._sentences))
            return
        bends, name = kind is PosteriorKind.FLOW, draws.code.title
        self._panel.set_words(
            self.tr("z ≈ mean + std · ε") if bends else self.tr("z = mean + std · ε"),
            self.tr("moments after the flow") if bends else draws.code.name,
            f"{name}. {self._sentences['bends' if bends else 'trick']}",
        )
        self._panel.set_state(Ready())
        chosen = draws.selected
        numbers = zip(draws.code.mean, draws.code.std, draws.noise[chosen], draws.z[chosen], strict=True)
        first, second = (_numbers("{:+.4f} + {:.4f} · {:+.2f} = {:+.4f}", *line) for line in numbers)
        self._panel.set_draws(draws.noise, (f"z₁ = {first}", f"z₂ = {second}"), draws.images, chosen)


def draws_state(kind: PosteriorKind, has_codes: bool, sentences: Mapping[str, str]) -> PanelState:
    """Return why there are no draws from a posterior."""
    if kind in (PosteriorKind.POINT, PosteriorKind.NONE):
        return Nothing(sentences[kind])
    return NotAtHand(sentences[kind]) if has_codes else Nothing(sentences["no codes"])


def _numbers(words: str, *values: float) -> str:
    return words.format(*values).replace("-", "−")


def present(context: Context) -> None:
    panel, session, view = context.panel(SamplesPanel), context.session, context.view
    SamplesPresenter(panel, session)
    panel.zoom_requested.connect(lambda: _zoom_to_draws(session, view))
    context.visibility_changed("samples").connect(session.part(Samples).set_open)


def _zoom_to_draws(session: Session, view: LatentView) -> None:
    draws = session.part(Samples).posterior
    if draws is not None:
        width, height = draws.code.std
        view.show_around(draws.code.mean, (NOISE_REACH * width, NOISE_REACH * height))

"""Terms and parameters that several tables of families use."""

from __future__ import annotations

from vae_explorer.models.formula import FormulaTerm
from vae_explorer.models.spec import Parameter

HOME = "vae_explorer.models."

KL = FormulaTerm("KL(q(z|x) ‖ p(z))", "kl")
RECONSTRUCTION = FormulaTerm("E_q[log p(x|z)]", "reconstruction", "−")
FEATURE_WEIGHT = Parameter(
    "feature_weight",
    "w",
    100.0,
    0.0,
    1e6,
    "Weight of the difference of features.",
    "nats",
    word="feature weight",
    weighs="feature",
)

"""Families whose codes are points without a prior."""

from __future__ import annotations

from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.families.shared import HOME
from vae_explorer.models.formula import FormulaTerm, Words
from vae_explorer.models.spec import Family, Parameter
from vae_explorer.registry import Registry

_OF_POINT = FormulaTerm("log p(x | z = f(x))", "reconstruction", "−")

AUTOENCODERS: Registry[Family] = Registry("model family")
AUTOENCODERS.register(
    "ae",
    Family(
        "Autoencoder",
        HOME + "ae:Ae",
        "Hinton & Salakhutdinov 2006",
        (_OF_POINT,),
        terms=("reconstruction",),
        posterior=PosteriorKind.POINT,
        note="No term places the codes. There are holes between them, and the decoder's images there are untrained.",
    ),
)
AUTOENCODERS.register(
    "sparse-ae",
    Family(
        "Sparse autoencoder",
        HOME + "sparse_ae:SparseAe",
        "Goodfellow, Bengio & Courville 2016",
        (_OF_POINT, FormulaTerm("‖h‖₁", "sparsity", weight="λ"), Words(", h the encoder's last hidden layer")),
        terms=("reconstruction", "sparsity"),
        parameters=(
            Parameter(
                "sparsity",
                "λ",
                0.1,
                0.0,
                100.0,
                "Weight of ‖h‖₁, h the encoder's last hidden layer.",
                "nats a unit of ‖h‖₁",
                word="sparsity",
                weighs="sparsity",
            ),
        ),
        posterior=PosteriorKind.POINT,
        note="The layer before the code is sparse. No term places the codes, so there are holes between them.",
    ),
)
AUTOENCODERS.register(
    "denoising-ae",
    Family(
        "Denoising autoencoder",
        HOME + "denoising_ae:DenoisingAe",
        "Vincent et al. 2008",
        (FormulaTerm("E[log p(x | z = f(x̃))]", "denoising", "−"), Words(", x̃ the corrupted x")),
        terms=("reconstruction", "denoising"),
        parameters=(
            Parameter(
                "mask", "ν", 0.3, 0.0, 0.95, "Share of pixels set to 0 before the encoder sees them.", word="masked pixels"
            ),
            Parameter(
                "noise",
                "σ of the noise",
                0.0,
                0.0,
                2.0,
                "Std of noise added before the encoder sees it.",
                "grey value, white = 1",
            ),
        ),
        posterior=PosteriorKind.POINT,
        note="The map shows the codes of clean images. No term places the codes, so there are holes between them.",
    ),
)
AUTOENCODERS.register(
    "contractive-ae",
    Family(
        "Contractive autoencoder",
        HOME + "contractive_ae:ContractiveAe",
        "Rifai et al. 2011",
        (_OF_POINT, FormulaTerm("‖∂f/∂x‖²_F", "contraction", weight="λ")),
        terms=("reconstruction", "contraction"),
        parameters=(
            Parameter(
                "contraction",
                "λ",
                1.0,
                0.0,
                1000.0,
                "Weight of the squares of ∂z/∂x, summed over codes and pixels.",
                word="contraction",
                weighs="contraction",
            ),
        ),
        posterior=PosteriorKind.POINT,
        note="A code moves little when its image changes little, so codes lie close together. No term places them, so there are holes.",
    ),
)

from vae_explorer.models.families.shared import KL, RECONSTRUCTION
from vae_explorer.models.formula import FormulaTerm
from vae_explorer.models.spec import Family, Parameter

STRENGTH = Parameter("strength", "κ", 0.5, 0.0, 10.0, "How strongly codes are drawn together.", "nats")
FAMILY = Family(
    "Toy",
    "my_toy.model:Toy",
    "a package of mine",
    (RECONSTRUCTION, KL, FormulaTerm("‖z‖²", "pull", weight="κ")),
    ("elbo", "reconstruction", "kl", "pull"),
    (STRENGTH,),
)

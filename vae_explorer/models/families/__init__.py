"""The table of model families. Installed packages add to it by the entry point `vae_explorer.families`.

Knows no torch: a family's module loads with its first model.
"""

from __future__ import annotations

from vae_explorer.models.families.adversarial import ADVERSARIAL
from vae_explorer.models.families.autoencoders import AUTOENCODERS
from vae_explorer.models.families.outside import family_of
from vae_explorer.models.families.own import OWN_FAMILIES
from vae_explorer.models.families.vaes import VAES
from vae_explorer.models.spec import Family
from vae_explorer.registry import OpenRegistry

FAMILIES: OpenRegistry[Family] = OpenRegistry("model family", "vae_explorer.families", family_of)
for _kind in (VAES, AUTOENCODERS, ADVERSARIAL):  # a name may be in one table only
    for _name in _kind:
        FAMILIES.register(_name, _kind[_name])


def family_named(name: str) -> Family:
    """Return a family of the table, or of own models. Raises `UserError` on an unknown name."""
    return OWN_FAMILIES[name] if name in OWN_FAMILIES else FAMILIES[name]

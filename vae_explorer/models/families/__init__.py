"""The table of model families: one line each. Knows no torch; a family's module is imported when a model of it is built."""

from __future__ import annotations

from vae_explorer.models.families.adversarial import ADVERSARIAL
from vae_explorer.models.families.autoencoders import AUTOENCODERS
from vae_explorer.models.families.vaes import VAES
from vae_explorer.models.spec import Family
from vae_explorer.registry import Registry

FAMILIES: Registry[Family] = Registry("model family")
for _kind in (VAES, AUTOENCODERS, ADVERSARIAL):  # a name may be in one of them alone
    for _name in _kind:
        FAMILIES.register(_name, _kind[_name])

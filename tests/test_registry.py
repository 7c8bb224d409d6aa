from __future__ import annotations

import pytest

from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.registry import OpenRegistry, Registry, resolve


@pytest.fixture
def colours() -> Registry[int]:
    registry: Registry[int] = Registry("colour")
    registry.register("red", 1)
    registry.register("blue", 2)
    return registry


def test_that_a_registered_thing_is_found_by_its_name(colours: Registry[int]) -> None:
    assert (colours["red"], colours["blue"]) == (1, 2)
    assert "red" in colours
    assert "green" not in colours


def test_that_names_come_in_the_order_of_registration(colours: Registry[int]) -> None:
    assert list(colours) == colours.names() == ["red", "blue"]


def test_that_an_unknown_name_lists_the_known_ones(colours: Registry[int]) -> None:
    with pytest.raises(UserError, match=r"^unknown colour 'green'; known: blue, red$"):
        colours["green"]


def test_that_a_name_is_not_registered_twice(colours: Registry[int]) -> None:
    with pytest.raises(ValueError, match="colour 'red' is registered twice"):
        colours.register("red", 3)
    assert colours["red"] == 1


@pytest.mark.parametrize("registry", [FAMILIES, BODIES, DATASETS], ids=["families", "bodies", "datasets"])
def test_that_every_target_in_a_table_can_be_imported(registry: Registry) -> None:
    for name in registry:
        assert callable(resolve(registry[name].target))


def test_that_every_likelihood_of_a_family_is_registered() -> None:
    for name in FAMILIES:
        assert all(likelihood in LIKELIHOODS for likelihood in FAMILIES[name].likelihoods)


def test_that_an_unknown_name_of_a_thousand_letters_leaves_the_message_short() -> None:
    with pytest.raises(UserError) as refused:
        Registry[int]("body")["x" * 1000]
    assert len(str(refused.value)) < 200


def test_that_an_empty_name_looks_for_no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("vae_explorer.registry.metadata.entry_points", lambda group: asked.append(group) or [])
    registry: OpenRegistry[int] = OpenRegistry("colour", "toy.colours", lambda _: 0)
    assert "" not in registry
    assert asked == []
    assert "green" not in registry
    assert asked == ["toy.colours"]

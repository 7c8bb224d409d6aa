from __future__ import annotations

import math
import pickle
import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vae_explorer.cli import main
from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.kinds import Binarised, Optimiser, Storage
from vae_explorer.models.base import build_model
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.card import basis
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.spec import ACTIVATIONS
from vae_explorer.training.config import DEVICES, TrainConfig

IN_COLOUR = [name for name in DATASETS if DATASETS[name].image_shape[2] > 1]  # whose usual likelihood takes no binary pixels
data = st.sampled_from([(name, "") for name in DATASETS if name not in IN_COLOUR]) | st.tuples(
    st.sampled_from(list(DATASETS)), st.sampled_from(["bernoulli", "bce"])
)


def config_of(data: tuple[str, str], **options: Any) -> TrainConfig:
    return TrainConfig(dataset=data[0], likelihood=data[1], **options)


configs = st.builds(
    config_of,
    data=data,
    family=st.just("beta-vae"),
    body=st.sampled_from(["", "mlp", "conv", "resconv"]),
    activation=st.sampled_from(ACTIVATIONS),
    storage=st.sampled_from(Storage),
    hidden=st.lists(st.integers(1, 32), max_size=4).map(tuple),
    epochs=st.integers(0, 100_000),
    batch_size=st.integers(0, 1437),
    learning_rate=st.floats(1e-7, 1.0),
    parameters=st.fixed_dictionaries({}, optional={"beta": st.floats(0, 100), "warm_up": st.floats(0, 1)}),
    seed=st.integers(0, 2**31 - 1),
    device=st.sampled_from(DEVICES),
    binarised=st.sampled_from(Binarised),
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), max_size=12).map(str.strip),
    threads=st.integers(0, 8),
    augment=st.floats(0, 4),
    optimiser=st.sampled_from(Optimiser),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=configs)
def test_that_the_command_on_the_model_card_gives_the_same_config(config: TrainConfig, parsed: list[TrainConfig]) -> None:
    program, *words = shlex.split(config.command)
    assert program == "vae-explorer"
    assert main([*words, "--out", "model.safetensors"]) == 2
    assert parsed[-1] == config


def test_that_an_everyday_command_is_easy_to_read() -> None:
    config = TrainConfig(
        family="beta-vae", dataset="mnist", epochs=20, hidden=(512, 256), binarised="dynamic", parameters={"beta": 4}
    )
    assert config.command == (
        "vae-explorer train --family beta-vae --dataset mnist --likelihood bernoulli --body mlp --activation gelu --hidden 512 256 "
        "--epochs 20 --batch-size 256 --learning-rate 0.002 --beta 4 --warm-up 0 --binarised dynamic --seed 0 --device cpu "
        "--name=mnist-beta-vae"
    )


def test_that_the_command_of_a_body_without_an_activation_names_none() -> None:
    assert "--activation" not in TrainConfig(family="recurrent-vae").command


def test_that_what_is_left_open_suits_the_data_set() -> None:
    small, large = TrainConfig(dataset="digits"), TrainConfig(dataset="mnist", body="conv")
    assert (small.epochs, small.batch_size, small.hidden, small.name) == (300, 64, (256, 128), "digits-vae")
    assert (large.epochs, large.batch_size, large.hidden, large.name) == (30, 256, (32, 64), "mnist-vae")
    assert small.parameters == {"warm_up": 0.0}
    assert TrainConfig(family="beta-vae", likelihood="mse").parameters == {"beta": 4.0, "warm_up": 0.0, "sigma": 0.3}


@pytest.mark.parametrize(
    ("family", "shape", "body"),
    [
        ("vae", (40, 40, 3), "mlp"),
        ("vae", (41, 20, 1), "resconv"),
        ("gan", (64, 64, 3), "resconv"),
        ("recurrent-vae", (64, 64, 3), "gru"),
    ],
)
def test_that_large_images_get_residual_convolutions(family: str, shape: tuple[int, int, int], body: str) -> None:
    data = DatasetSpec("Made", "made:load", shape, ("one",), (100, 10), "made")
    config = TrainConfig(family=family, dataset="made", own=data)
    assert config.body == body
    assert config.hidden == BODIES[body].default_hidden(math.prod(shape))
    first = FAMILIES[family].bodies[0]
    assert TrainConfig(family=family, dataset="made", own=data, body=first).body == first


@pytest.mark.parametrize(("images", "batch"), [(0, 1), (1, 1), (40, 40), (64, 64), (9_999, 64), (10_000, 256)])
@pytest.mark.usefixtures("own_tables")
def test_that_the_usual_batch_is_no_larger_than_the_data_set(images: int, batch: int) -> None:
    DATASETS.register("few", replace(DATASETS["digits"], size=(images, 5)))
    assert TrainConfig(dataset="few").batch_size == batch


def test_that_the_spec_is_that_of_the_data_and_the_body() -> None:
    spec = TrainConfig(family="beta-vae", dataset="digits", hidden=(16, 8), parameters={"beta": 3}).spec
    assert (spec.family, spec.body, spec.image_shape, spec.hidden, spec.latent_dim) == (
        "beta-vae",
        "mlp",
        (8, 8, 1),
        (16, 8),
        2,
    )
    assert spec.parameters == {"beta": 3, "warm_up": 0}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"family": "cov"}, "unknown model family 'cov'; known: .*vae"),
        ({"dataset": "cifar"}, "unknown data set 'cifar'; known: "),
        ({"body": "trunk"}, "unknown body 'trunk'; known: conv, .*mlp"),
        ({"likelihood": "poisson"}, "unknown likelihood 'poisson'; known: bernoulli, continuous-bernoulli"),
        ({"likelihood": "mse", "binarised": "dynamic"}, "Gaussian, .*grey pixels; choose binarised none, or the Bernoulli"),
        *(
            ({"family": family, "likelihood": "bernoulli", "binarised": "dynamic"}, f"the discriminator of {family} would tell")
            for family in ("gan", "vae-gan")
        ),
        (
            {"family": "recurrent-vae", "activation": "relu"},
            "body 'gru' has gates in place of an activation; leave the activation",
        ),
        ({"activation": "sign"}, "unknown activation 'sign'; known: gelu, relu"),
        ({"parameters": {"gamma": 1.0}}, "family 'vae' has no parameter 'gamma'; known: warm_up"),
        ({"parameters": {"beta": 1.0}}, "family 'vae' has no parameter 'beta'; known: warm_up; beta-vae has it"),
        (
            {"family": "beta-vae", "parameters": {"sigma": 1.0}},
            "family 'beta-vae' has no parameter 'sigma'; known: beta, warm_up; likelihood gaussian has it",
        ),
        ({"family": "beta-vae", "parameters": {"beta": -0.1}}, "beta -0.1 is out of range; choose a value from 0 to 100"),
        ({"family": "beta-vae", "parameters": {"beta": float("nan")}}, "beta nan is out of range"),
        (
            {"family": "iwae", "parameters": {"draws": 4.6}},
            "draws 4.6 is no whole number; choose 4 or 5",
        ),
        ({"family": "iaf-vae", "parameters": {"steps": 1.5}}, "steps 1.5 is no whole number; choose 1 or 2"),
        (
            {"family": "iaf-vae", "parameters": {"steps": float("inf")}},
            "steps inf is out of range; choose a value from 1 to 16",
        ),
        ({"epochs": -1}, "epochs -1 is out of range; choose a value from 1 to 100000"),
        ({"epochs": 100_001}, "epochs 100001 is out of range"),
        ({"batch_size": -5}, "batch size -5 is out of range; choose a value from 1 to 1437"),
        ({"batch_size": 1438}, "batch size 1438 is more than the 1,437 training images of digits; choose at most 1437"),
        ({"learning_rate": 0.0}, "learning rate 0 is out of range; choose a value from 1e-07 to 1"),
        ({"learning_rate": 1.1}, "learning rate 1.1 is out of range"),
        ({"learning_rate": float("nan")}, "learning rate nan is out of range"),
        ({"learning_rate": float("inf")}, "learning rate inf is out of range"),
        ({"seed": -1}, "seed -1 is out of range"),
        ({"seed": 2**31}, "seed .* is out of range"),
        ({"threads": -1}, "threads -1 is out of range"),
        ({"hidden": (16, 0)}, "hidden width 0 is out of range"),
        ({"hidden": (-3,)}, "hidden width -3 is out of range"),
        ({"binarised": "perhaps"}, "unknown binarisation 'perhaps'; known: dynamic, none"),
    ],
    ids=str,
)
def test_that_a_value_out_of_range_is_refused_in_one_line(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=f"^{message}") as caught:
        TrainConfig(**values)
    assert "\n" not in str(caught.value)


def test_that_a_config_can_be_sent_to_another_process() -> None:
    config = TrainConfig(family="beta-vae", hidden=(3,), parameters={"beta": 2})
    assert pickle.loads(pickle.dumps(config)) == config


@pytest.mark.parametrize("name", ["../elsewhere", "a\\b", " ", "\0", "caf\udce9"])
def test_that_a_name_that_cannot_be_that_of_a_file_or_a_card_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="cannot be a model's name"):
        TrainConfig(name=name)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_that_the_default_figure_is_one_of_a_likelihood_where_the_family_takes_binary_images(family: str) -> None:
    for likelihood in FAMILIES[family].likelihoods:
        binarised = TrainConfig(family=family, likelihood=likelihood).binarised
        binary = likelihood == "bernoulli" and family not in {"gan", "vae-gan"}
        assert binarised == ("dynamic" if binary else "none")
        grey = basis(likelihood, Binarised.NONE)
        assert ("no likelihood" in grey) is (likelihood == "bernoulli")
        assert "no likelihood" not in basis(likelihood, Binarised.DYNAMIC)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_that_a_game_is_not_trained_by_muon(family: str) -> None:
    against_one_another = len(build_model(TrainConfig(family=family).spec).phases()) > 1
    if against_one_another:
        with pytest.raises(UserError, match="leave the optimiser at adam"):
            TrainConfig(family=family, optimiser="muon")
    else:
        assert TrainConfig(family=family, optimiser="muon").optimiser == "muon"


@pytest.mark.parametrize("hidden", [(65_536, 65_536), (4_096,) * 20, (16,) * 65], ids=len)
def test_that_a_network_beyond_the_limits_is_refused_before_it_is_made(hidden: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="at most"):
        TrainConfig(hidden=hidden)


def test_that_a_training_step_beyond_the_memory_of_the_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_explorer.training.config.memory", lambda: 1_000_000_000)
    with pytest.raises(UserError, match=r"this machine has 1\.0 GB; choose narrower layers or a smaller batch size"):
        TrainConfig(hidden=(8_192, 8_192))
    assert TrainConfig(hidden=(1_024, 1_024)).hidden == (1_024, 1_024)


def test_that_colour_and_large_images_have_defaults_of_their_own() -> None:
    assert TrainConfig(dataset="sprites").likelihood == "gaussian-learned"
    assert TrainConfig(dataset="digits").likelihood == "bernoulli"
    assert TrainConfig(family="gan", dataset="sprites").likelihood in FAMILIES["gan"].likelihoods
    emoji = TrainConfig(dataset="emoji")
    assert (emoji.body, emoji.likelihood, emoji.epochs) == ("resconv", "gaussian-learned", round(2000 / 46))
    few = replace(DATASETS["emoji"], size=(320, 80))
    assert TrainConfig(dataset="cells", own=few).epochs == 300


def test_that_a_run_on_large_images_of_unknown_number_has_epochs() -> None:
    assert TrainConfig(own=DatasetSpec("", "", (64, 64, 3), (), (0, 0), "")).epochs == 300

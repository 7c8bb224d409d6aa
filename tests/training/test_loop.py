from __future__ import annotations

import dataclasses
import datetime
import math
import pickle
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vae_explorer.data.base import Dataset, Fetching, ImageSet
from vae_explorer.data.sources import DATASETS, load_dataset
from vae_explorer.errors import UserError
from vae_explorer.kinds import Part
from vae_explorer.models import linear
from vae_explorer.models.adam import Adam
from vae_explorer.models.base import Batch, LossTerms, build_model
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.vae import Vae
from vae_explorer.training import loop
from vae_explorer.training import run as run_module
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import EpochDone, Finished, Started, StepDone
from vae_explorer.training.loop import pick_device, train
from vae_explorer.training.mover import MAX_GRADIENT_NORM

Short = Callable[..., TrainConfig]
Run = Callable[..., Any]


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """`StepDone` after each step, not a few times a second."""
    monkeypatch.setattr(run_module, "REPORT_SECONDS", 0.0)


def bytes_of(model: ModelFile) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in (dict(model.weights) | model.codes.arrays()).items()}


def after(calls: int) -> Callable[[], bool]:
    """A should_stop that says yes from its `calls`-th time on, counting from 0."""
    asked = iter(range(10**9))
    return lambda: next(asked) >= calls


@pytest.mark.parametrize("binarised", ["none", "dynamic"])
def test_that_the_same_seed_gives_the_same_model_bit_by_bit(short: Short, run: Run, binarised: str) -> None:
    config = short(binarised=binarised, seed=5)
    _, first = run(config)
    torch.manual_seed(99)
    np.random.default_rng().random()
    _, second = run(config, snapshots=True)
    assert bytes_of(first.model) == bytes_of(second.model)
    assert first.model.card.metrics == second.model.card.metrics


def test_that_another_seed_gives_another_model(short: Short, run: Run) -> None:
    assert bytes_of(run(short(seed=5))[1].model) != bytes_of(run(short(seed=6))[1].model)


def test_that_training_leaves_the_global_generator_alone(short: Short, run: Run) -> None:
    before = torch.get_rng_state()
    run(short(binarised="dynamic"))
    assert torch.equal(before, torch.get_rng_state())


def test_that_events_come_in_order(short: Short, run: Run, every_step: None) -> None:
    events, last = run(short())
    kinds = [type(event) for event in events]
    assert kinds == [Started, *[StepDone] * 5, EpochDone, *[StepDone] * 5, EpochDone, Finished]
    assert events[0] == Started(epochs=2, steps=10, device="cpu")
    assert [event.step for event in events if isinstance(event, StepDone)] == list(range(1, 11))
    assert [event.epoch for event in events if isinstance(event, EpochDone)] == [1, 2]
    assert (last.stopped, last.reason) == (False, "")


def test_that_time_only_goes_forward(short: Short, run: Run, every_step: None) -> None:
    seconds = [event.seconds for event in run(short())[0] if isinstance(event, StepDone)]
    assert all(0 <= before <= now for before, now in pairwise(seconds))


def test_that_events_are_frozen_and_can_be_sent_to_another_process(short: Short, run: Run, every_step: None) -> None:
    for event in run(short(), snapshots=True)[0]:
        back = pickle.loads(pickle.dumps(event))
        assert type(back) is type(event)
        field = dataclasses.fields(event)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(event, field, None)


def test_that_the_figures_of_an_epoch_are_means_over_its_images(
    short: Short, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, dict[str, float]]] = []
    genuine = Vae.loss

    def spy(self: Vae, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        loss = genuine(self, batch, generator)
        terms = loss.terms | {"loss": loss.total}
        seen.append((len(batch), {name: value.item() for name, value in terms.items()}))
        return loss

    monkeypatch.setattr(Vae, "loss", spy)
    epochs = [event for event in run(short(epochs=1))[0] if isinstance(event, EpochDone)]
    assert [n for n, _ in seen] == [300, 300, 300, 300, 237]
    for name, value in epochs[0].train.items():
        assert value == pytest.approx(sum(n * terms[name] for n, terms in seen) / 1437)
    assert epochs[0].measured["elbo"] == pytest.approx(epochs[0].measured["reconstruction"] - epochs[0].measured["kl"])


def test_that_a_model_learns(short: Short, run: Run) -> None:
    epochs = [event for event in run(short(epochs=3, batch_size=64))[0] if isinstance(event, EpochDone)]
    assert epochs[0].train["elbo"] < epochs[-1].train["elbo"]
    assert epochs[0].measured["elbo"] < epochs[-1].measured["elbo"]


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """The images of each step, in order."""
    seen: list[torch.Tensor] = []
    genuine = Vae.loss

    def spy(self: Vae, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        seen.append(batch.images)
        return genuine(self, batch, generator)

    monkeypatch.setattr(Vae, "loss", spy)
    return seen


def test_that_every_image_is_seen_once_an_epoch_in_another_order(short: Short, run: Run, batches: list[torch.Tensor]) -> None:
    run(short())
    first, second = torch.cat(batches[:5]).numpy(), torch.cat(batches[5:]).numpy()
    digits = load_dataset("digits", Fetching(Path("unused"))).train.images.reshape(-1, 64) / np.float32(255)
    assert sorted(map(tuple, first)) == sorted(map(tuple, second)) == sorted(map(tuple, digits))
    assert not np.array_equal(first, second)


def test_that_augmentation_moves_half_of_each_batch_and_is_on_the_card(
    short: Short, run: Run, batches: list[torch.Tensor]
) -> None:
    _, last = run(short(augment=1.0))
    digits = load_dataset("digits", Fetching(Path("unused"))).train.images.reshape(-1, 64) / np.float32(255)
    known = set(map(tuple, digits))
    for batch in batches:
        half = (len(batch) + 1) // 2
        assert all(tuple(image) in known for image in batch[half:].numpy())
        assert sum(tuple(image) in known for image in batch[:half].numpy()) == 0
    assert last.model.card.training["augment"] == 1.0
    assert "--augment 1 " in last.model.card.command


def test_that_dynamic_binarisation_draws_anew_and_is_on_the_card(short: Short, run: Run, batches: list[torch.Tensor]) -> None:
    _, last = run(short(binarised="dynamic"))
    assert last.model.card.binarised == "dynamic"
    assert set(torch.cat(batches).unique().tolist()) == {0.0, 1.0}
    first, second = (torch.cat(half).double().mean(dim=0) for half in (batches[:5], batches[5:]))
    assert not torch.equal(first, second)
    assert torch.allclose(first, second, atol=0.08)


def test_that_grey_training_is_on_the_card(short: Short, run: Run) -> None:
    assert run(short(epochs=1))[1].model.card.binarised == "none"


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_that_a_stop_ends_the_run_before_the_next_batch(short: Short, run: Run, every_step: None, steps: int) -> None:
    events, last = run(short(epochs=1000), should_stop=after(steps))
    assert sum(isinstance(event, StepDone) for event in events) == steps
    assert (last.stopped, last.reason, last.untrained) == (True, "", steps == 0)
    assert all(np.isfinite(array).all() for array in last.model.weights.values())


def test_that_a_run_that_is_stopped_at_once_has_the_first_weights_of_its_seed(short: Short, run: Run) -> None:
    config = short(seed=3)
    _, last = run(config, should_stop=lambda: True)
    torch.manual_seed(3)
    fresh = build_model(config.spec).state_dict()
    assert all(np.array_equal(array, fresh[name].numpy()) for name, array in last.model.weights.items())


def nan_loss(model: Vae, genuine: LossTerms) -> LossTerms:
    return LossTerms(genuine.total * torch.nan, genuine.terms)


def nan_gradient(model: Vae, genuine: LossTerms) -> LossTerms:
    return LossTerms(genuine.total + (0 * model.head.bias.sum()).sqrt(), genuine.terms)


@pytest.mark.parametrize(("break_loss", "what"), [(nan_loss, "loss"), (nan_gradient, "gradient")])
@pytest.mark.parametrize("steps", [0, 1, 7])
def test_that_a_non_finite_step_ends_the_run_with_the_weights_before_it(
    short: Short, run: Run, monkeypatch: pytest.MonkeyPatch, steps: int, break_loss: Callable[..., LossTerms], what: str
) -> None:
    config = short(epochs=20)
    _, before = run(config, should_stop=after(steps))
    genuine, calls = Vae.loss, iter(range(10**9))

    def loss(self: Vae, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        terms = genuine(self, batch, generator)
        return break_loss(self, terms) if next(calls) >= steps else terms

    monkeypatch.setattr(Vae, "loss", loss)
    _, last = run(config)
    assert last.reason == f"the {what} became nan; kept the last finite weights. Try a lower learning rate"
    assert not last.stopped
    assert bytes_of(last.model) == bytes_of(before.model)


@pytest.mark.parametrize(("number", "step"), [(math.inf, 15), (1e30, 12), (1e30, 15)])
def test_that_a_model_that_overflows_goes_back_to_its_last_finite_epoch(
    short: Short, run: Run, monkeypatch: pytest.MonkeyPatch, number: float, step: int
) -> None:
    """Epochs have five steps. Weights of 1e30 are finite numbers whose next loss is not."""
    genuine, calls = Adam.step, iter(range(1, 10**9))

    def overflow(self: Adam, gradients: Sequence[torch.Tensor], *words: Any) -> None:
        genuine(self, gradients, *words)
        if next(calls) == step:
            for weight in self._weights:
                weight.data.fill_(number)

    monkeypatch.setattr(Adam, "step", overflow)
    monkeypatch.setattr(loop, "SNAPSHOT_PERIOD", 0)
    events, last = run(short(epochs=3), snapshots=True)
    second = [event.snapshot for event in events if isinstance(event, EpochDone)][1]
    assert last.reason == "the model came to numbers that are not finite; kept its last finite epoch. Try a lower learning rate"
    assert bytes_of(last.model) == bytes_of(second)
    assert all(math.isfinite(value) for value in last.model.card.metrics.values())


def test_that_a_run_without_a_finite_epoch_says_so(short: Short, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Adam, "step", lambda self, *_: [weight.data.fill_(math.nan) for weight in self._weights])
    with pytest.raises(UserError, match="no finite numbers; no model was kept"):
        run(short(epochs=2))


def test_that_steps_follow_one_cycle_and_clipped_gradients(short: Short, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rates, norms = [], []
    genuine_step, genuine_loss = Adam.step, Vae.loss

    def spy(self: Adam, gradients: Sequence[torch.Tensor], rate: float, *words: Any) -> None:
        rates.append(rate)
        norms.append(math.sqrt(sum(gradient.double().square().sum().item() for gradient in gradients)))
        genuine_step(self, gradients, rate, *words)

    def steep(self: Vae, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        loss = genuine_loss(self, batch, generator)
        return LossTerms(1e6 * loss.total, loss.terms)

    monkeypatch.setattr(Adam, "step", spy)
    monkeypatch.setattr(Vae, "loss", steep)
    run(short(epochs=4, learning_rate=0.01))
    assert norms == pytest.approx([MAX_GRADIENT_NORM] * 20, rel=1e-4)
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.01, rel=0.05)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] < rates[0] < 0.001


def test_that_snapshots_come_only_where_they_are_asked_for(short: Short, run: Run) -> None:
    assert all(event.snapshot is None for event in run(short())[0] if isinstance(event, EpochDone))


def test_that_a_snapshot_is_the_model_of_its_epoch(short: Short, run: Run) -> None:
    events, last = run(short(), snapshots=True)
    first, second = (event.snapshot for event in events if isinstance(event, EpochDone))
    assert bytes_of(second) == bytes_of(last.model)
    assert all(first.weights[name].tobytes() != array.tobytes() for name, array in second.weights.items())
    assert first.codes.mean.tobytes() != second.codes.mean.tobytes()
    assert len(first.codes) == 1797
    assert first.card.metrics == next(event.measured for event in events if isinstance(event, EpochDone))


def test_that_snapshots_take_no_more_than_their_share_of_the_time(
    short: Short, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10**6))
    monkeypatch.setattr(loop.time, "monotonic", lambda: float(next(clock)))  # a second for each look at the clock
    epochs = [event for event in run(short(epochs=60), snapshots=True)[0] if isinstance(event, EpochDone)]
    taken = [event.epoch for event in epochs if event.snapshot is not None]
    assert taken[0] == 1
    assert taken[-1] == 60
    assert len(taken) > 2
    assert all(after - before > 1 for before, after in pairwise(taken[:-1]))  # an epoch looks at the clock less than 20 times


def test_that_the_model_card_says_how_the_model_came_about(short: Short, run: Run) -> None:
    config = short(seed=4, family="beta-vae", parameters={"beta": 2.0}, name="mine")
    card = run(config)[1].model.card
    assert (card.name, card.dataset, card.seed, card.command) == ("mine", "digits", 4, config.command)
    assert card.spec == config.spec
    assert card.classes == DATASETS["digits"].classes
    assert card.training == config.to_json()
    assert set(card.metrics) == {"elbo", "reconstruction", "kl"}
    assert card.versions["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert datetime.datetime.fromisoformat(card.created).utcoffset() == datetime.timedelta(0)


def test_that_codes_are_those_of_all_images_in_their_order(short: Short, run: Run) -> None:
    codes = run(short(epochs=1))[1].model.codes
    digits = load_dataset("digits", Fetching(Path("unused")))
    assert codes.label.tolist() == [*digits.train.labels, *digits.test.labels]
    assert codes.split.tolist() == [0] * 1437 + [1] * 360


@pytest.mark.parametrize(("threads", "used"), [(3, 3), (0, 1)])  # by itself, so small a network takes one
def test_that_a_run_has_its_own_number_of_threads_and_leaves_torch_with_what_it_had(
    short: Short, threads: int, used: int
) -> None:
    before = torch.get_num_threads()
    seen = {torch.get_num_threads() for event in train(short(threads=threads)) if isinstance(event, EpochDone)}
    assert (seen, torch.get_num_threads()) == ({used}, before)


@pytest.mark.parametrize("name", ["nonsense", "cuda:99", ""])
def test_that_a_device_that_is_not_here_is_refused(short: Short, name: str) -> None:
    with pytest.raises(UserError, match=f"this machine has no device '{name}'; choose cpu or auto"):
        pick_device(name)
    with pytest.raises(UserError, match="this machine has no device"):
        list(train(short(device=name)))


def test_that_auto_is_the_fastest_device_there_is() -> None:
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert pick_device("cpu") == torch.device("cpu")


@pytest.mark.skipif(not linear.HAS_ONE_DNN, reason="this build of torch has no oneDNN, and short products neither")
def test_that_steps_have_short_products_and_figures_have_not(short: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "HAS_BFLOAT16", True)
    calls: list[torch.Tensor] = []
    whole = linear.short_product

    def counted(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        calls.append(a)
        return whole(a, b)

    monkeypatch.setattr(linear, "short_product", counted)
    images = np.random.default_rng(0).integers(0, 256, (300, 8, 8, 1), np.uint8)
    data = ImageSet(images, np.zeros(300, np.uint8))
    run = run_module.Run(short(hidden=(128, 128)), Dataset(data, data), torch.device("cpu"))
    for _ in run.epoch(1, lambda: False):
        pass
    of_steps = len(calls)
    assert of_steps > 0
    run.measured(Part.TEST)
    run.model_file({})
    assert len(calls) == of_steps

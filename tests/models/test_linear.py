from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch.nn import functional

from vae_explorer.models import linear
from vae_explorer.models.linear import Linear, lay_out, short_products

SHAPES = [(256, 70, 96), (3, 5, 4)]  # above and below the size from which oneDNN is used


@pytest.fixture(params=SHAPES, ids=["large", "small"])
def case(request: pytest.FixtureRequest) -> tuple[Linear, torch.Tensor, torch.Tensor]:
    """A layer, an input and a gradient for its output."""
    n, inputs, outputs = request.param
    torch.manual_seed(0)
    return Linear(inputs, outputs), torch.randn(n, inputs, requires_grad=True), torch.randn(n, outputs)


def exact(layer: Linear, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Input, weight and bias in double precision, as leaves."""
    return tuple(tensor.detach().double().requires_grad_() for tensor in (x, layer.weight, layer.bias))


def test_that_results_and_gradients_are_those_of_double_precision(case: tuple[Linear, torch.Tensor, torch.Tensor]) -> None:
    layer, x, gradient = case
    leaves = exact(layer, x)
    wanted = functional.linear(*leaves)
    ours = layer(x)
    assert torch.allclose(ours.double(), wanted, rtol=1e-5, atol=1e-5)
    found = torch.autograd.grad(ours, (x, layer.weight, layer.bias), gradient)
    for one, other in zip(found, torch.autograd.grad(wanted, leaves, gradient.double()), strict=True):
        assert torch.allclose(one.double(), other, rtol=1e-4, atol=1e-4)


def test_that_the_gradient_of_a_gradient_is_that_of_double_precision(
    case: tuple[Linear, torch.Tensor, torch.Tensor],
) -> None:
    layer, x, gradient = case

    def penalty(result: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, each: torch.Tensor) -> torch.Tensor:
        (slope,) = torch.autograd.grad(result.tanh(), x, each, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), weight)[0]

    leaves = exact(layer, x)
    ours = penalty(layer(x), x, layer.weight, gradient)
    wanted = penalty(functional.linear(*leaves), leaves[0], leaves[1], gradient.double())
    assert torch.allclose(ours.double(), wanted, rtol=1e-3, atol=1e-3 * wanted.abs().max().item())


def test_that_weights_that_were_laid_out_give_the_same(case: tuple[Linear, torch.Tensor, torch.Tensor]) -> None:
    layer, x, gradient = case
    before = layer(x)
    wanted = torch.autograd.grad(before, x, gradient)[0]
    names = set(layer.state_dict())
    lay_out(torch.nn.Sequential(layer, torch.nn.ReLU()))
    after = layer(x)
    assert torch.allclose(after, before, rtol=1e-6, atol=1e-6)
    assert torch.allclose(torch.autograd.grad(after, x, gradient)[0], wanted, rtol=1e-6, atol=1e-6)
    assert set(layer.state_dict()) == names  # they are not stored


def test_that_weights_that_change_or_are_copied_are_not_those_that_were_laid_out() -> None:
    layer, x = Linear(70, 96), torch.randn(256, 70)
    lay_out(layer)
    with torch.no_grad():
        layer.weight.mul_(2)
    copied = copy.deepcopy(layer)
    for one in (layer, copied, pickle.loads(pickle.dumps(layer))):
        assert torch.allclose(one(x), functional.linear(x, layer.weight, layer.bias), rtol=1e-5, atol=1e-5)


needs_one_dnn = pytest.mark.skipif(
    not linear.HAS_ONE_DNN, reason="this build of torch has no oneDNN, and short products neither"
)


@needs_one_dnn
@pytest.mark.parametrize("case", SHAPES[:1], ids=["large"], indirect=True)
def test_that_short_products_are_those_of_bfloat16_and_nothing_else_is(
    case: tuple[Linear, torch.Tensor, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear, "HAS_BFLOAT16", True)  # where the processor has none, torch does the same slowly
    layer, x, gradient = case
    weight, bias = layer.weight, layer.bias

    def found() -> tuple[torch.Tensor, ...]:
        result = layer(x)
        return (result, *torch.autograd.grad(result, (x, weight, bias), gradient))

    def rounded(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return a.detach().bfloat16().double() @ b.detach().bfloat16().double()

    before = found()
    with short_products():
        inside = found()
    wanted = (rounded(x, weight.t()) + bias, rounded(gradient, weight), rounded(gradient.t(), x))
    for one, other in zip(inside, wanted, strict=False):
        assert one.dtype == torch.float32
        assert torch.allclose(one.double(), other.double(), rtol=2**-8, atol=1e-3)
    assert not torch.equal(inside[0], before[0])
    assert torch.equal(inside[3], gradient.sum(0))
    assert all(torch.equal(one, other) for one, other in zip(found(), before, strict=True))


@needs_one_dnn
def test_that_what_a_narrow_layer_gives_is_not_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "HAS_BFLOAT16", True)
    torch.manual_seed(0)
    for inputs, outputs in ((2, 512), (512, 4)):
        layer, x = Linear(inputs, outputs), torch.randn(1280, inputs)
        with short_products():
            inside = layer(x)
        assert torch.equal(inside, layer(x))


def test_that_products_are_whole_where_short_ones_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "HAS_BFLOAT16", True)
    layer, x = Linear(70, 96), torch.randn(256, 70)
    before = layer(x)
    with short_products():
        short = layer(x)
        with short_products(False):
            assert torch.equal(layer(x), before)
        assert torch.equal(layer(x), short)


def test_that_products_are_whole_on_other_threads_and_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "HAS_BFLOAT16", True)
    layer, x = Linear(70, 96), torch.randn(256, 70)
    before = layer(x)
    with ThreadPoolExecutor(1) as pool, short_products():
        assert torch.equal(pool.submit(layer, x).result(), before)
    with pytest.raises(ValueError, match="in a loss"), short_products():
        raise ValueError("in a loss")
    assert torch.equal(layer(x), before)


@needs_one_dnn
def test_that_a_gradient_of_a_gradient_is_not_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "HAS_BFLOAT16", True)
    torch.manual_seed(0)
    layer, x, each = Linear(70, 96), torch.randn(256, 70, requires_grad=True), torch.randn(256, 96)
    with short_products():
        (slope,) = torch.autograd.grad(layer(x), x, each, create_graph=True)
        (found,) = torch.autograd.grad(slope.square().sum(), layer.weight)
    weight = layer.weight.detach().double().requires_grad_()
    (wanted,) = torch.autograd.grad((each.double() @ weight).square().sum(), weight)
    assert torch.allclose(found.double(), wanted, rtol=1e-5, atol=1e-5 * wanted.abs().max().item())
    assert torch.allclose(slope.double(), each.double() @ weight, rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")  # of torch's own jvp
def test_that_functional_transforms_work(case: tuple[Linear, torch.Tensor, torch.Tensor]) -> None:
    layer, x, _ = case
    x = x.detach()
    jacobian = torch.func.vmap(torch.func.jacrev(layer))(x[:2])
    assert torch.allclose(jacobian, layer.weight.expand(2, -1, -1))
    assert torch.allclose(torch.func.jvp(layer, (x,), (x,))[1], x @ layer.weight.t(), atol=1e-4)


def test_that_a_layer_with_no_use_for_a_gradient_gets_none() -> None:
    layer, x = Linear(70, 96), torch.randn(256, 70)
    layer.weight.requires_grad_(False)
    layer(x).sum().backward()
    assert layer.weight.grad is None
    assert layer.bias.grad is not None
    assert layer.bias.grad.tolist() == [256.0] * 96


def test_that_a_build_of_torch_without_one_dnn_gives_the_same(
    case: tuple[Linear, torch.Tensor, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, x, _ = case
    before = layer(x)
    monkeypatch.setattr(linear, "HAS_ONE_DNN", False)
    assert torch.allclose(layer(x), before, rtol=1e-5, atol=1e-5)


def test_that_other_types_and_shapes_take_torchs_own_way() -> None:
    layer = Linear(70, 96)
    assert layer(torch.randn(4, 64, 70)).shape == (4, 64, 96)
    assert layer.double()(torch.randn(256, 70, dtype=torch.float64)).dtype == torch.float64


@needs_one_dnn
def test_that_large_weights_alone_are_laid_out_and_only_float32() -> None:
    wide, narrow, double = Linear(70, 96), Linear(2, 96), Linear(70, 96).double()
    lay_out(torch.nn.ModuleList([wide, narrow, double]))
    assert [layer.is_laid_out for layer in (wide, narrow, double)] == [True, False, False]

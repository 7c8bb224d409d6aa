"""The command `evaluate`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vae_explorer.cli.arguments import add_data_dir, add_json, add_model, print_json, say, whole
from vae_explorer.cli.progress import show_download, show_images
from vae_explorer.errors import UserError

SUMMARY = "Measure a model on the test images of a data set."

if TYPE_CHECKING:
    from vae_explorer.data.base import Dataset
    from vae_explorer.inference.trained import TrainedModel
    from vae_explorer.models.spec import ModelSpec


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("--dataset", help="data set (default: the model's training data set)")
    parser.add_argument(
        "--evidence",
        action="store_true",
        help="log p(x) and the ELBO by quadrature in place of samples; takes minutes for 10,000 images",
    )
    parser.add_argument("--limit", type=whole(1, 1_000_000), metavar="N", help="with --evidence: only the first N test images")
    add_data_dir(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer import locations
    from vae_explorer.data.base import Fetching
    from vae_explorer.data.sources import find_dataset, load_dataset
    from vae_explorer.inference.evaluation import check_shape
    from vae_explorer.models.card import measured_by

    if args.limit and not args.evidence:
        raise UserError("--limit needs --evidence; add --evidence, or leave --limit out")
    root = locations.data(args.data_dir)
    if args.dataset:
        find_dataset(args.dataset, root)
    model = vx.load(args.model)
    dataset = args.dataset or model.card.dataset
    check_shape(model, find_dataset(dataset, root).image_shape)  # before any download
    if args.evidence:
        _check_evidence(model)
    fetching = Fetching(root, progress=show_download())
    ask = _evidence if args.evidence else _terms
    values, lines = ask(model, load_dataset(dataset, fetching), args.limit)
    if args.json:
        print_json({"dataset": dataset} | values)
        return 0
    say(f"{model.card.name} on {values['n']} test images of {dataset} ({measured_by(model.card)})")
    for line in lines:
        say(f"  {line}")
    return 0


def _terms(model: TrainedModel, dataset: Dataset, limit: int | None) -> tuple[dict[str, Any], list[str]]:
    from vae_explorer.inference.evaluation import evaluate
    from vae_explorer.models.terms import number, said

    values = evaluate(model, dataset)
    lines = [said(name, values[name], values.get(f"{name}_se"), model.card.spec) for name in model.card.family.terms]
    if "knn_accuracy" in values:
        lines.append(f"5-NN accuracy {number(values['knn_accuracy'], 4, values['knn_accuracy_se'])}")
    return values, lines


def _evidence(model: TrainedModel, dataset: Dataset, limit: int | None) -> tuple[dict[str, Any], list[str]]:
    from vae_explorer.inference.evidence.summary import evidence_summary
    from vae_explorer.models.terms import given_class

    values = evidence_summary(model, dataset, limit, progress=show_images()) | {
        "likelihood": model.card.spec.likelihood,
        "binarised": model.card.binarised,
    }
    titles = {name: given_class(title, model.card.spec) for name, title in _TITLES.items()}
    lines = [_averaged(title, name, values, model.card.spec) for name, title in titles.items()]
    moved, off = values["step_halving_difference"], values["identity_residual_max"]
    lines.append(f"largest difference under step halving {moved:.1e} nats, of the identity {off:.1e} nats")
    if values["not_converged"]:
        lines.append(f"{values['not_converged']} images are not exact to 0.001 nats")
    return values, lines


def _averaged(title: str, name: str, values: Mapping[str, Any], spec: ModelSpec) -> str:
    """Write a mean with its standard error, and with its median if the tail is heavy."""
    from vae_explorer.models.terms import in_bits, number

    error = values.get(f"{name}_se")
    line = f"{title} {number(values[name], 3, error)} nats{in_bits(name, values[name], error, spec)}"
    median = values.get(f"{name}_median")
    return line if median is None else f"{line}, median {number(median, 3)}"


_TITLES = {
    "log_evidence": "log p(x{given})",
    "elbo": "ELBO, by quadrature",
    "posterior_kl": "KL(q(z|x{also}) ‖ p(z|x{also}))",
    "approximation_gap": "approximation gap",
    "amortisation_gap": "amortisation gap",
    "is_500": "importance sampling, 500 draws",
    "is_500_bias": "importance sampling, 500 draws, beside log p(x{given})",
    "is_5000": "importance sampling, 5,000 draws",
    "is_5000_bias": "importance sampling, 5,000 draws, beside log p(x{given})",
}


def _check_evidence(model: TrainedModel) -> None:
    from vae_explorer.inference.evidence.engine import check_has_evidence

    check_has_evidence(model)

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
        help="log p(x) and the ELBO by quadrature in place of samples, or with more than two latents or a pose log p(x) by "
        "importance sampling; takes minutes for 10,000 images",
    )
    parser.add_argument("--limit", type=whole(1, 1_000_000), metavar="N", help="with --evidence: only the first N test images")
    parser.add_argument(
        "--draws",
        type=whole(14, 100_000),
        metavar="K",
        help="with --evidence and more than two latents: draws from each proposal (default: 500)",
    )
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
    if args.draws and not args.evidence:
        raise UserError("--draws needs --evidence; add --evidence, or leave --draws out")
    root = locations.data(args.data_dir)
    if args.dataset:
        find_dataset(args.dataset, root)
    model = vx.load(args.model)
    dataset = args.dataset or model.card.dataset
    check_shape(model, find_dataset(dataset, root).image_shape)  # before any download
    if args.evidence:
        _check_evidence(model, args.draws)
    images = load_dataset(dataset, Fetching(root, progress=show_download()))
    if not args.evidence:
        values, lines = _terms(model, images)
    elif model.card.has_estimates:
        values, lines = _estimates(model, images, args.limit, args.draws or 500)
    else:
        values, lines = _evidence(model, images, args.limit)
    if args.json:
        print_json({"dataset": dataset} | values)
        return 0
    say(f"{model.card.name} on {values['n']} test images of {dataset} ({measured_by(model.card)})")
    for line in lines:
        say(f"  {line}")
    return 0


def _terms(model: TrainedModel, dataset: Dataset) -> tuple[dict[str, Any], list[str]]:
    from vae_explorer.inference.evaluation import evaluate
    from vae_explorer.models.terms import number, said

    values = evaluate(model, dataset)
    lines = [said(name, values[name], values.get(f"{name}_se"), model.card.spec) for name in model.card.family.terms]
    if "knn_accuracy" in values:
        lines.append(f"5-NN accuracy {number(values['knn_accuracy'], 4, values['knn_accuracy_se'])}")
    lines.append(f"{values['active_units']} of {model.card.spec.latent_dim} latents are in use")
    if "information" in values:
        parts = (("I(x; z)", "information"), ("KL(q(z) ‖ p(z))", "marginal_kl"))
        lines.append(", ".join(f"{title} {number(values[name], 3, values.get(f'{name}_se'))} nats" for title, name in parts))
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


def _estimates(model: TrainedModel, dataset: Dataset, limit: int | None, draws: int) -> tuple[dict[str, Any], list[str]]:
    from vae_explorer.inference.evidence.results import FEW
    from vae_explorer.inference.evidence.summary import estimates_summary
    from vae_explorer.models.terms import given_class, number

    spec = model.card.spec
    values = estimates_summary(model, dataset, limit, draws, progress=show_images()) | {
        "likelihood": spec.likelihood,
        "binarised": model.card.binarised,
    }
    lines = []
    for name, title in _PROPOSALS.items():
        line = _averaged(given_class(title, spec), f"log_evidence_{name}", values, spec)
        beside = values.get(f"log_evidence_{name}_bias")
        line += "" if beside is None else f", {number(beside, 2, sign='+')} beside the mixture"
        lines.append(f"{line}; effective samples of {draws:,}, median: {values[f'effective_samples_{name}']:.0f}")
        if values[f"few_{name}"]:
            lines.append(
                f"  {values[f'few_{name}']} images have fewer than {FEW:g} effective samples, so this estimate is too low"
            )
    lines += [_averaged(given_class(title, spec), name, values, spec) for name, title in _ESTIMATED.items()]
    if model.card.family.posed:
        lines.append("each draw is of z, shift and angle together, and climbs also start from other angles")
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


_PROPOSALS = {
    "encoder": "log p(x{given}), estimate by draws from q(z|x{also})",
    "best": "log p(x{given}), estimate by draws from the best diagonal Gaussian",
    "mixture": "log p(x{given}), estimate by draws from a mixture of both",
}
_ESTIMATED = {
    "elbo": "ELBO, estimate",
    "posterior_kl": "KL(q(z|x{also}) ‖ p(z|x{also})), estimate",
    "approximation_gap": "approximation gap, estimate",
    "amortisation_gap": "amortisation gap, estimate",
}


def _check_evidence(model: TrainedModel, draws: int | None) -> None:
    from vae_explorer.inference.evidence.engine import check_has_evidence

    if not model.card.has_estimates:
        check_has_evidence(model)
        if draws:
            raise UserError(f"log p(x) of {model.card.name} is exact and takes no draws; leave --draws out")

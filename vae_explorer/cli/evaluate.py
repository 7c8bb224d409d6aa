"""The figures of a model on the test images of a data set."""

from __future__ import annotations

import argparse
from typing import Any

from vae_explorer.cli.arguments import add_data_dir, add_json, add_model, print_json
from vae_explorer.cli.progress import show_download


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("--dataset", help="data set (default: the one it was trained on)")
    add_data_dir(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer import locations
    from vae_explorer.data.base import Fetching
    from vae_explorer.data.sources import DATASETS, load_dataset
    from vae_explorer.inference.evaluation import check_shape, evaluate
    from vae_explorer.models.card import measured_by
    from vae_explorer.models.families import FAMILIES
    from vae_explorer.models.terms import said

    if args.dataset:
        DATASETS[args.dataset]
    model = vx.load(args.model)
    dataset = args.dataset or model.card.dataset
    check_shape(model, DATASETS[dataset].image_shape)  # before anything is downloaded
    fetching = Fetching(locations.data(args.data_dir), progress=show_download())
    figures: dict[str, Any] = {"dataset": dataset} | evaluate(model, load_dataset(dataset, fetching))
    if args.json:
        print_json(figures)
        return 0
    print(f"{model.card.name} on {figures['n']} test images of {dataset} ({measured_by(model.card)})")
    for name in FAMILIES[model.card.spec.family].terms:
        print(f"  {said(name, figures[name])}")
    print(f"  5-NN accuracy {figures['knn_accuracy']:.4f}")
    return 0

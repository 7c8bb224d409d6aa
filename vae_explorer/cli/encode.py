"""The posterior of image files."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import add_class, add_json, add_model, check_told, print_json, say


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "images", nargs="+", metavar="IMAGE", help="image files; they are read grey and scaled to the model's size"
    )
    add_class(parser, "the class of the images")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import numpy as np

    import vae_explorer as vx
    from vae_explorer.images import read_grey

    model = vx.load(args.model)
    pixels = np.stack([read_grey(path, model.image_shape) for path in args.images])
    check_told(model.card.name, model.card.spec.classes, args.label)
    label = None if args.label is None else np.full(len(pixels), args.label)
    posterior = model.encode(pixels.astype(np.float32) / np.float32(255), label)
    for path, mean, std in zip(args.images, posterior.mean.tolist(), posterior.std.tolist(), strict=True):
        if args.json:
            print_json({"image": path, "mean": mean, "std": std})
        else:
            say(f"{path}  mean ({mean[0]:+.4f}, {mean[1]:+.4f})  std ({std[0]:.4f}, {std[1]:.4f})")
    return 0

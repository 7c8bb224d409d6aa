"""The command `encode`."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vae_explorer.cli.arguments import (
    DONE_IN_PART,
    add_class,
    add_json,
    add_model,
    check_told,
    complain,
    place,
    print_json,
    say,
    say_notes,
)
from vae_explorer.errors import UserError

if TYPE_CHECKING:
    from vae_explorer.image_reading import OwnImage
    from vae_explorer.inference.trained import TrainedModel
    from vae_explorer.shapes import ImageShape

SUMMARY = "The posterior of image files."
_TOGETHER = 256  # files read before their answers are printed
Read = tuple[str, "OwnImage | UserError"]  # a file, and its image or the error


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "images",
        nargs="+",
        type=place,
        metavar="IMAGE",
        help="image files; they are read in the model's channels and scaled to its size",
    )
    add_class(parser, "the class of the images")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print a line for each image. Unreadable images are named on stderr and skipped."""
    import vae_explorer as vx

    model = vx.load(args.model)
    check_told(model.card.name, model.card.spec.classes, args.label)
    model.checked_label(args.label, 1)
    bad = 0
    for start in range(0, len(args.images), _TOGETHER):
        files = [_read(path, model.image_shape) for path in args.images[start : start + _TOGETHER]]
        for answer in _answers(model, files, args.label):
            bad += "error" in answer
            _print(answer, args.json)
    return 0 if not bad else DONE_IN_PART if bad < len(args.images) else 2


def _read(path: str, shape: ImageShape) -> Read:
    from vae_explorer.image_reading import read_image

    try:
        return path, read_image(path, shape)
    except UserError as error:
        return path, error


def _answers(model: TrainedModel, files: Sequence[Read], label: int | None) -> list[dict[str, Any]]:
    import numpy as np

    images = [content.pixels for _, content in files if not isinstance(content, UserError)]
    pixels = np.array(images, np.float32).reshape(-1, *model.image_shape) / np.float32(255)
    posterior = model.encode(pixels, None if label is None else np.full(len(pixels), label))
    codes = iter(zip(posterior.mean.tolist(), posterior.std.tolist(), strict=True))
    poses = iter(model.poses(pixels).mean.tolist() if model.card.family.posed else ())
    answers: list[dict[str, Any]] = []
    for path, content in files:
        if isinstance(content, UserError):
            answers.append({"image": path, "error": str(content)})
        else:
            mean, std = next(codes)
            answer = {"image": path, "mean": mean, "std": std, "notes": content.notes}
            answers.append(answer | _posed(next(poses)) if model.card.family.posed else answer)
    return answers


def _posed(pose: Sequence[float]) -> dict[str, Any]:
    """Return the answer's pose: the angle in degrees, then the shift right and down in half sides, as `decode` takes them."""
    return {"pose": [math.degrees(pose[0]), *pose[1:]]}


def _print(answer: dict[str, Any], as_json: bool) -> None:
    if "error" in answer:
        complain(f"vae-explorer: {answer['error']}")
    if as_json:
        print_json(answer)
    elif "error" not in answer:
        say_notes(answer["image"], answer["notes"])
        mean, std = answer["mean"], answer["std"]
        pose = f"  pose ({_listed(answer['pose'], '+.4f')})" if "pose" in answer else ""
        say(f"{answer['image']}  mean ({_listed(mean, '+.4f')})  std ({_listed(std, '.4f')}){pose}")


def _listed(numbers: Sequence[float], style: str) -> str:
    return ", ".join(format(number, style) for number in numbers)

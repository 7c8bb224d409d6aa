"""The command `train`."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vae_explorer.cli.arguments import add_data_dir, add_json, complain, place, print_json, say, whole
from vae_explorer.cli.progress import bar, show_download
from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.catalogue import SUFFIX, free_path
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import ALIASES, LIKELIHOODS
from vae_explorer.models.spec import ACTIVATIONS, Parameter
from vae_explorer.models.terms import headline
from vae_explorer.training.config import BINARISED, MAX_AUGMENT, OPTIMISERS, STORAGES, TrainConfig

SUMMARY = "Train a model and save it as one file."

if TYPE_CHECKING:
    from collections.abc import Callable

    from vae_explorer.training.events import TrainEvent

_DEFAULTS = TrainConfig()
_PREFIX = "parameter_"


def configure(parser: argparse.ArgumentParser) -> None:
    positive = whole(1, 100_000)
    parser.add_argument("--family", default=_DEFAULTS.family, help="model family (see 'list families')")
    parser.add_argument("--dataset", default=_DEFAULTS.dataset, help="data set (see 'list datasets')")
    parser.add_argument("--likelihood", default="", help=f"{', '.join(LIKELIHOODS)}; or by its loss: {', '.join(ALIASES)}")
    parser.add_argument("--body", default="", help=f"{', '.join(BODIES)} (default: the family's first)")
    parser.add_argument(
        "--activation", choices=ACTIVATIONS, default=_DEFAULTS.activation, help="of the hidden layers (mlp, conv)"
    )
    parser.add_argument(
        "--hidden", type=int, nargs="+", default=[], metavar="N", help="widths of the MLP's layers, or channels"
    )
    parser.add_argument("--epochs", type=positive, default=0, help="default: 300 for small data sets, else 30")
    parser.add_argument(
        "--batch-size", type=positive, default=0, help="default: 64 for small data sets, else 256; at most all training images"
    )
    parser.add_argument("--learning-rate", type=float, help="peak of the one-cycle schedule (default: the family's)")
    parser.add_argument(
        "--optimiser",
        choices=OPTIMISERS,
        default=_DEFAULTS.optimiser,
        help="muon: weight matrices take orthogonal steps, which learn more by each and take longer (default: adam)",
    )
    for parameter in _parameters():
        option, name = f"--{parameter.name.replace('_', '-')}", f"{_PREFIX}{parameter.name}"
        parser.add_argument(option, type=float, dest=name, metavar="X", help=parameter.help)
    parser.add_argument(
        "--binarised",
        choices=BINARISED,
        default="",
        help="draw binary images for every batch (default: dynamic with the Bernoulli, where the family takes them)",
    )
    parser.add_argument(
        "--augment",
        type=float,
        default=_DEFAULTS.augment,
        metavar="S",
        help="rotate, shear, scale and translate half of the training images at random; at 1 with a std of 7°, 0.12, 6 %% and "
        f"3 %% of half a side, at most {MAX_AUGMENT:g} (default: not at all)",
    )
    parser.add_argument(
        "--validation",
        type=float,
        default=_DEFAULTS.validation,
        metavar="SHARE",
        help="hold out this share of the training images (0.1: a tenth) and measure it after each epoch in place of the test "
        "images; choose settings by it (default: hold out none)",
    )
    parser.add_argument("--seed", type=int, default=_DEFAULTS.seed)
    parser.add_argument("--device", default=_DEFAULTS.device, help="cpu, cuda, mps or auto")
    parser.add_argument("--threads", type=int, default=_DEFAULTS.threads, help="torch threads (default: torch's own choice)")
    parser.add_argument("--storage", choices=STORAGES, default=_DEFAULTS.storage, help="half: a model file of half the size")
    parser.add_argument("--name", default="", help="the model's name (default: that of the file of --out, else DATASET-FAMILY)")
    parser.add_argument(
        "--out",
        type=place,
        metavar="FILE",
        help="where to save, over what is there (default: NAME.safetensors, or a free NAME-2, NAME-3, …)",
    )
    add_data_dir(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    config = _config(args)
    out = Path(args.out) if args.out else free_path(Path(config.name + SUFFIX))
    if out.stem != config.name and not args.out:
        complain(f"there is a {config.name}{SUFFIX} already; saving as {out}")
    _check_out(out)
    from vae_explorer.models.model_file import write_model_file
    from vae_explorer.training.events import Finished
    from vae_explorer.training.loop import train

    report = _print_as_json(out) if args.json else _show_progress(config, out)
    with _stopping_on_interrupt() as stop:
        for event in train(config, args.data_dir, stop.is_set):
            if isinstance(event, Finished):
                write_model_file(out, event.model)
            report(event)
    if isinstance(event, Finished) and event.reason:
        raise UserError(f"training stopped early: {event.reason}. The model as it was is in {out}")
    return 130 if stop.is_set() else 0


def _parameters() -> Iterable[Parameter]:
    """Those of every family and likelihood, each once; where several have one of a name, with what it is in each of them."""
    tables = {name: FAMILIES[name].parameters for name in FAMILIES} | {
        name: LIKELIHOODS[name].parameters for name in LIKELIHOODS
    }
    found: dict[str, Parameter] = {}
    helps: dict[str, dict[str, list[str]]] = {}
    for table, parameters in tables.items():
        for parameter in parameters:
            found[parameter.name] = parameter
            helps.setdefault(parameter.name, {}).setdefault(parameter.help, []).append(table)
    for name, said in helps.items():
        if len(said) > 1:
            found[name] = replace(found[name], help=" ".join(f"{', '.join(of)}: {words}" for words, of in said.items()))
    return found.values()


def _config(args: argparse.Namespace) -> TrainConfig:
    parameters = {
        name.removeprefix(_PREFIX): value
        for name, value in vars(args).items()
        if name.startswith(_PREFIX) and value is not None
    }
    config = TrainConfig(
        family=args.family,
        dataset=args.dataset,
        likelihood=args.likelihood,
        body=args.body,
        activation=args.activation,
        storage=args.storage,
        hidden=tuple(args.hidden),
        epochs=args.epochs,
        batch_size=args.batch_size,
        learning_rate=args.learning_rate,
        parameters=parameters,
        seed=args.seed,
        device=args.device,
        binarised=args.binarised,
        name=args.name or _name_of(args.out),
        threads=args.threads,
        augment=args.augment,
        validation=args.validation,
        optimiser=args.optimiser,
    )
    images = DATASETS[config.dataset].size[0]
    if not args.batch_size and config.batch_size == images:
        complain(f"{config.dataset} has {images} training images; the batch size is {images}")
    return config


def _name_of(out: str | None) -> str:
    """What a model is called that is saved as `out`; empty where that cannot be a name."""
    name = Path(out or "").name.removesuffix(SUFFIX)
    return name if name.strip() and "\\" not in name else ""


def _check_out(out: Path) -> None:
    """Say before the training, not after it, that the result has no place to go."""
    if os.path.isdir(out):  # unlike Path.is_dir it does not raise on a name that is too long
        raise UserError(f"cannot write {out}: it is a folder; name a file with --out")
    if not os.path.isdir(out.parent):
        raise UserError(f"cannot write {out}: the folder {out.parent} does not exist; create it first")
    if not os.access(out.parent, os.W_OK):
        raise UserError(f"cannot write {out}: the folder {out.parent} is read-only; choose another with --out")


@contextlib.contextmanager
def _stopping_on_interrupt() -> Iterator[threading.Event]:
    """Ctrl+C asks the run to end and keeps what it learned; a second one ends the program."""
    stop = threading.Event()

    def ask(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        stop.set()

    before = signal.signal(signal.SIGINT, ask)
    before_term = signal.signal(signal.SIGTERM, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, before_term)


def _print_as_json(out: Path) -> Callable[[TrainEvent], None]:
    from vae_explorer.training.events import DownloadProgressed, EpochDone, Finished, Started

    def report(event: TrainEvent) -> None:
        match event:
            case Started():
                print_json({"event": "started", "epochs": event.epochs, "steps": event.steps, "device": event.device})
            case EpochDone():
                measured = {f"{event.part}_{name}": value for name, value in event.measured.items()}
                seconds = round(event.seconds, 3)
                print_json({"event": "epoch", "epoch": event.epoch, **event.train, **measured, "seconds": seconds})
            case Finished():
                card = event.model.card
                test = {f"test_{name}": value for name, value in card.metrics.items()}
                test |= {f"test_{name}_se": error for name, error in card.errors.items()}
                test |= {f"validation_{name}": value for name, value in card.validation.items()}
                end = {"stopped": event.stopped, "reason": event.reason}
                end |= {"likelihood": card.spec.likelihood, "binarised": card.binarised}
                print_json({"event": "finished", "model": str(out), **test, **end})
            case DownloadProgressed() if event.done == event.total:
                print_json({"event": "downloaded", "file": event.file, "bytes": event.done})

    return report


def _show_progress(config: TrainConfig, out: Path) -> Callable[[TrainEvent], None]:
    from vae_explorer.models.card import measured_by
    from vae_explorer.training.events import DownloadProgressed, EpochDone, Finished, Started, StepDone

    download = show_download()
    bars: list[Any] = []

    def report(event: TrainEvent) -> None:
        match event:
            case DownloadProgressed():
                download(event.file, event.done, event.total)
            case Started():
                bars.append(bar(event.steps, "step", out.name))
            case StepDone():
                bars[0].update(event.step - bars[0].n)
            case EpochDone():
                figure = headline(config.family, event.measured)
                bars[0].set_postfix_str(f"epoch {event.epoch}/{event.epochs} · {event.part} {figure}")
                bars[0].update(bars[0].total * event.epoch // event.epochs - bars[0].n)
            case Finished():
                bars[0].close()
                card = event.model.card
                say(f"{out}  test {headline(config.family, card.metrics, card.errors)} ({measured_by(card)})")

    return report

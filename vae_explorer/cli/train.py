"""The command `train`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vae_explorer.cli.arguments import add_data_dir, add_json, complain, place, print_json, say, whole
from vae_explorer.cli.progress import bar, show_download
from vae_explorer.cli.reading import Watched
from vae_explorer.cli.streams import silence_dead_streams
from vae_explorer.cli.train_data import STAND_IN, add_images, data_of
from vae_explorer.data.base import Cancelled, DatasetSpec
from vae_explorer.errors import UserError
from vae_explorer.models.bits import figures_in_bits
from vae_explorer.models.catalogue import SUFFIX
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.saving import check_model_place
from vae_explorer.models.spec import Parameter
from vae_explorer.models.terms import headline
from vae_explorer.signals import ending_on_signals, interrupt
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.options import Option, flag, options_of

SUMMARY = "Train a model and save it as one file."

if TYPE_CHECKING:
    from collections.abc import Callable

    from vae_explorer.models.saving import Place
    from vae_explorer.training.events import TrainEvent

_PREFIX = "parameter_"
SIGPIPE = 13  # Python lacks the constant on some systems
ELSEWHERE = 3  # exit status: the model was saved in another place


def configure(parser: argparse.ArgumentParser, config: type[TrainConfig] = TrainConfig) -> None:
    """Add an argument for each training option, and for each parameter of the tables."""
    data = parser.add_mutually_exclusive_group()
    for name, each in options_of(config).items():
        _add_option(data if name == "dataset" else parser, name, each)
    parser.add_argument(
        "--out",
        type=place,
        metavar="FILE",
        help="the file to save, replacing an existing file (default: NAME.safetensors, or a free NAME-2, NAME-3, …)",
    )
    add_images(data, parser)
    add_data_dir(parser)
    add_json(parser)
    for parameter in _parameters():
        _add_parameter(parser, parameter)


def _add_parameter(parser: argparse.ArgumentParser, parameter: Parameter) -> None:
    """Add the flag of a parameter. A family of another package may name it as an option, which keeps the flag."""
    words = parameter.help.replace("%", "%%")
    with suppress(argparse.ArgumentError):
        parser.add_argument(flag(parameter.name), type=float, dest=f"{_PREFIX}{parameter.name}", metavar="X", help=words)


def _add_option(parser: argparse._ActionsContainer, name: str, each: Option) -> None:
    more: dict[str, Any] = {"choices": each.words} if each.words else {"type": _type_of(each)}
    more |= {"nargs": "+"} if each.many else {}
    more |= {"metavar": each.metavar} if each.metavar else {}
    parser.add_argument(flag(name), default=each.default, help=each.help.replace("%", "%%") or None, **more)


def _type_of(each: Option) -> Any:
    """Return the argparse type, with limits if the default only stands for the usual value."""
    if each.type is int and each.usual is not None and each.limits is not None:
        return whole(int(each.limits[0]), int(each.limits[1]))
    return each.type


def run(args: argparse.Namespace) -> int:
    """Train and save; return the exit status.

    0: success. 3: the model was saved in another folder. 128 + N: ended by signal N.
    """
    stop, watched = _Stop(), Watched()
    try:
        if args.images:  # what is wrong is said before images are read
            config_of(args, own=STAND_IN)
            check_model_place(Path(args.out or f"model{SUFFIX}"))
        args.dataset, own = data_of(args, watched)
        with ending_on_signals(stop.ask, interrupt):  # loading torch takes seconds, in which a signal may come too
            config = config_of(args, own=own)
            where = _place(args.out, config.name)
            reason = _train(args, config, where, stop)
    except Cancelled as error:
        complain(f"vae-explorer: {error}")
        return 128 + (watched.number or stop.number or SIGPIPE)
    return _report_the_end(where, stop, reason)


def _train(args: argparse.Namespace, config: TrainConfig, where: Place, stop: _Stop) -> str:
    """Train and save, and return why training ended early; empty if it did not.

    Raises `Cancelled` if training was stopped before its first step.
    """
    from vae_explorer.training.events import Finished, Started
    from vae_explorer.training.loop import train

    tell = _Listener(_print_as_json(where) if args.json else _show_progress(config, where), stop)
    reason = ""
    for event in train(config, args.data_dir, stop.is_asked):
        if isinstance(event, Started) and not args.batch_size:
            _say_batch(config)
        if isinstance(event, Finished) and not event.untrained:  # an untrained model would replace the file
            where.save(event.model)
            reason = event.reason
        tell(event)
        if isinstance(event, Finished) and event.untrained:
            raise Cancelled("training was stopped before it learned anything; no model was saved")
    return reason


def _place(out: str | None, name: str) -> Place:
    """Choose the model's place, and try its folder now."""
    from vae_explorer.models.saving import Place

    wish = Path(out or name + SUFFIX)
    where = Place(wish, new=not out)
    if where.path != wish:
        complain(f"there is a {wish} already; saving as {where.path}")
    return where


def _say_batch(config: TrainConfig) -> None:
    images = config.data.size[0]
    if config.batch_size == images:
        complain(f"{config.dataset} has {images} training images; the batch size is {images}")


def _report_the_end(where: Place, stop: _Stop, reason: str) -> int:
    """Print the model's place if a person cannot know it, and return the exit status."""
    if where.problem:
        complain(f"vae-explorer: {where.problem}. The model is in {where.path}")
    elif stop.dead_output:
        complain(f"vae-explorer: {stop.dead_output}. The model is in {where.path}")
    if reason:
        raise UserError(f"training stopped early: {reason}. The model so far is in {where.path}")
    if where.problem:
        return ELSEWHERE
    return 128 + (stop.number or SIGPIPE) if stop.is_asked() else 0


def _parameters() -> Iterable[Parameter]:
    """Return each parameter of all families and likelihoods once; equal names join their help."""
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


def config_of(args: argparse.Namespace, config: type[TrainConfig] = TrainConfig, own: DatasetSpec | None = None) -> TrainConfig:
    """Return the run that the arguments ask for. Raises `UserError` on contradictory arguments."""
    given = vars(args)
    parameters = {
        name.removeprefix(_PREFIX): value for name, value in given.items() if name.startswith(_PREFIX) and value is not None
    }
    chosen = {name: given[name] for name in options_of(config)}
    return config(**chosen | {"name": args.name or _name_of(args.out)}, parameters=parameters, own=own)


def _name_of(out: str | None) -> str:
    """Return the name of a model saved as `out`; "" if `out` gives no name."""
    name = Path(out or "").name.removesuffix(SUFFIX).encode(errors="replace").decode()  # bytes that are no letters
    return name if name.strip() and "\\" not in name else ""


class _Stop:
    """Whether training must end, because of a signal or because nobody reads the output."""

    def __init__(self) -> None:
        self.number = 0
        self.dead_output = ""  # why printing fails

    def ask(self, number: int) -> None:
        self.number = number

    def tell_dead_output(self, error: OSError) -> None:
        self.dead_output = f"cannot write the answer: {error.strerror or error}"

    def is_asked(self) -> bool:
        return bool(self.number or self.dead_output)


class _Listener:
    """Passes events on to `report`; asks training to stop once nobody reads the output."""

    def __init__(self, report: Callable[[TrainEvent], None], stop: _Stop) -> None:
        self._report, self._stop = report, stop
        self._heard = True

    def __call__(self, event: TrainEvent) -> None:
        if not self._heard:
            return
        try:
            self._report(event)
            if sys.stdout is not None:
                sys.stdout.flush()
        except OSError as error:
            self._heard = False
            silence_dead_streams()
            self._stop.tell_dead_output(error)


def _print_as_json(where: Place) -> Callable[[TrainEvent], None]:
    from vae_explorer.training.events import DownloadProgressed, EpochDone, Finished, Started

    def report(event: TrainEvent) -> None:
        match event:
            case Started():
                print_json({"event": "started", "epochs": event.epochs, "steps": event.steps, "device": event.device})
            case EpochDone():
                measured = {f"{event.part}_{name}": value for name, value in event.measured.items()}
                seconds = round(event.seconds, 3)
                print_json({"event": "epoch", "epoch": event.epoch, **event.train, **measured, "seconds": seconds})
            case Finished(untrained=False):
                card = event.model.card
                figures = {**card.metrics, **{f"{name}_se": error for name, error in card.errors.items()}}
                figures |= figures_in_bits(figures, card.spec)
                test = {f"test_{name}": value for name, value in figures.items()}
                test |= {f"validation_{name}": value for name, value in card.validation.items()}
                end = {"stopped": event.stopped, "reason": event.reason}
                end |= {"likelihood": card.spec.likelihood, "binarised": card.binarised}
                print_json({"event": "finished", "model": str(where.path), "problem": where.problem, **test, **end})
            case DownloadProgressed() if event.done == event.total:
                print_json({"event": "downloaded", "file": event.file, "bytes": event.done})

    return report


def _show_progress(config: TrainConfig, where: Place) -> Callable[[TrainEvent], None]:
    from vae_explorer.models.card import measured_by
    from vae_explorer.training.events import DownloadProgressed, EpochDone, Finished, Started, StepDone

    download = show_download()
    bars: list[Any] = []

    def report(event: TrainEvent) -> None:
        match event:
            case DownloadProgressed():
                download(event.file, event.done, event.total)
            case Started():
                bars.append(bar(event.steps, "step", where.path.name))
            case StepDone():
                bars[0].update(event.step - bars[0].n)
            case EpochDone():
                shown = headline(config.spec, event.measured)
                bars[0].set_postfix_str(f"epoch {event.epoch}/{event.epochs} · {event.part} {shown}")
                bars[0].update(bars[0].total * event.epoch // event.epochs - bars[0].n)
            case Finished():
                bars[0].close()  # else the next line would begin behind the bar
                card = event.model.card
                if not event.untrained:
                    say(f"{where.path}  test {headline(card.spec, card.metrics, card.errors)} ({measured_by(card)})")

    return report

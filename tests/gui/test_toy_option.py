"""One record makes an option: checks, command line, dialog and the model card's command follow it."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel
from pytestqt.qtbot import QtBot

from vae_explorer.cli.train import config_of, configure
from vae_explorer.errors import UserError
from vae_explorer.gui.features.training.dialog import TrainDialog
from vae_explorer.kinds import Word
from vae_explorer.models.families import FAMILIES
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.options import Chosen, Option, Tick, option, options_of

from .looking import find
from .training import choose, type_into


class Colour(Word):
    RED = "red"
    BLUE = "blue"


def no_sparkle_in_a_game(chosen: Chosen) -> str:
    return f"{chosen.family} is a game; leave the sparkle out" if FAMILIES[chosen.family].is_game else ""


@dataclass(frozen=True, slots=True)
class Toy(TrainConfig):
    sparkle: float = option(
        Option(
            float,
            0.0,
            "how much each image sparkles, 100 % at 1",
            limits=(0.0, 2.0),
            why_not=no_sparkle_in_a_game,
            title="Sparkle",
            tip="Makes images sparkle.",
        )
    )
    shade: Colour = option(Option(Colour, Colour.RED, "of the sparkles", title="Shade", lettering=str.upper))
    is_loud: int = option(Option(int, 0, "1: loud", limits=(0, 1), title="Sound", tick=Tick("sparkle aloud", 1, 0)))


def parsed(*words: str) -> TrainConfig:
    parser = argparse.ArgumentParser()
    configure(parser, Toy)
    return config_of(parser.parse_args(words), Toy)


def test_that_the_command_line_has_a_toy_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert parsed("--sparkle", "0.5", "--shade", "blue", "--is-loud", "1") == Toy(sparkle=0.5, shade=Colour.BLUE, is_loud=1)
    assert parsed() == Toy()
    with pytest.raises(SystemExit):
        parsed("--help")
    assert "how much each image sparkles, 100 % at 1" in capsys.readouterr().out


def test_that_a_toy_option_is_checked() -> None:
    with pytest.raises(UserError, match=r"^sparkle 3 is out of range; choose a value from 0 to 2$"):
        Toy(sparkle=3.0)
    with pytest.raises(UserError, match=r"^unknown shade 'green'; known: red, blue$"):
        Toy(shade="green")  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"^gan is a game; leave the sparkle out$"):
        Toy(family="gan", sparkle=0.5)


def test_that_the_command_of_a_toy_says_what_is_not_usual() -> None:
    made = Toy(sparkle=0.5, is_loud=1)
    assert "--sparkle 0.5 " in made.command
    assert "shade" not in made.command
    assert parsed(*shlex.split(made.command)[2:]) == made


def test_that_the_dialog_has_a_toy_option_where_it_applies(qtbot: QtBot) -> None:
    dialog = TrainDialog(config=Toy)
    qtbot.addWidget(dialog)
    dialog.open()
    assert {"Sparkle", "Shade", "Sound"} <= {shown.text() for shown in dialog.findChildren(QLabel)}
    type_into(find(dialog, QDoubleSpinBox, "trainSparkle"), "1.5")
    choose(dialog, "trainShade", "blue")
    find(dialog, QCheckBox, "trainIsLoud").click()
    assert find(dialog, QComboBox, "trainShade").currentText() == "BLUE"
    assert find(dialog, QLabel, "trainSparkle.help").text() == "Makes images sparkle."
    assert dialog.config() == Toy(sparkle=1.5, shade=Colour.BLUE, is_loud=1)
    choose(dialog, "trainFamily", "gan")
    assert not find(dialog, QDoubleSpinBox, "trainSparkle").isVisible()
    assert dialog.config() == Toy(family="gan", shade=Colour.BLUE, is_loud=1)


@pytest.mark.parametrize("name", list(options_of(TrainConfig)))
def test_that_the_command_line_has_each_option(name: str) -> None:
    parser = argparse.ArgumentParser()
    configure(parser)
    assert f"--{name.replace('_', '-')}" in parser.format_help()

"""Every way in which a training of the command line ends before its time or finds no place: what it learned is kept."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import vae_explorer as vx
from vae_explorer import locations
from vae_explorer.cli import main
from vae_explorer.models.model_file import read_model_file
from vae_explorer.models.saving import Place
from vae_explorer.signals import ending_on_signals, interrupt
from vae_explorer.training.events import Started, TrainEvent
from vae_explorer.training.loop import train

TRAIN = ("train", "--dataset", "digits", "--hidden", "8", "--batch-size", "300", "--threads", "1")
LONG, SHORT = ("--epochs", "100000"), ("--epochs", "2")
PATIENCE = 240  # seconds; below the limit of a test (pyproject.toml)


@contextmanager
def started(folder: Path, *words: str, stderr: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """`vae-explorer train` in a process of its own, which is ended with the block."""
    command = [sys.executable, "-m", "vae_explorer", *TRAIN, *words]
    environment = os.environ | {"PYTHONPATH": str(Path(vx.__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=folder, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def test_that_sigterm_keeps_what_was_learned_and_its_echo_does_no_harm(tmp_path: Path) -> None:
    """`timeout` sends it to the process and again to the group."""
    with started(tmp_path, *LONG, "--out", "m.safetensors", "--json") as process:
        assert process.stdout
        assert any('"epoch"' in line for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (128 + signal.SIGTERM, "")
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["stopped"], last["model"]) == ("finished", True, "m.safetensors")
    assert vx.load(tmp_path / "m.safetensors").card.metrics["elbo"] == last["test_elbo"]


def test_that_a_terminal_that_is_gone_loses_no_model(tmp_path: Path) -> None:
    """Neither standard output nor standard error takes a word any more; SIGHUP comes from the shell and from the kernel."""
    terminal, its_end = os.openpty()
    fcntl.ioctl(its_end, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))  # a bar of no width is not drawn
    with started(tmp_path, *LONG, "--out", "m.safetensors", stderr=its_end) as process:
        os.close(its_end)
        said = b""
        while b"epoch" not in said:
            said += os.read(terminal, 1000)
        assert process.stdout
        process.stdout.close()
        os.close(terminal)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)
        assert process.wait(PATIENCE) in {128 + signal.SIGHUP, 128 + signal.SIGPIPE}  # whichever came first
    assert vx.load(tmp_path / "m.safetensors").card.name == "m"


@pytest.mark.parametrize("words", [("--json",), ()])
def test_that_a_broken_pipe_keeps_what_was_learned_and_says_where(tmp_path: Path, words: tuple[str, ...]) -> None:
    """As `train --json | head -1` does; without --json all comes at the end, when nobody listens any more."""
    with started(tmp_path, *(LONG if words else SHORT), "--out", "m.safetensors", *words) as process:
        assert process.stdout
        if words:
            assert json.loads(process.stdout.readline())["event"] == "started"
        process.stdout.close()
        assert process.stderr
        err = process.stderr.read()
        assert process.wait(PATIENCE) == 128 + signal.SIGPIPE
    assert err.splitlines()[-1] == "vae-explorer: cannot write the answer: Broken pipe. The model is in m.safetensors"
    assert "Traceback" not in err
    assert "Exception" not in err
    assert vx.load(tmp_path / "m.safetensors").card.name == "m"


def test_that_a_stop_before_the_first_step_replaces_no_model(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped_at_once(*arguments: Any) -> Iterator[TrainEvent]:
        for event in train(*arguments):
            yield event
            if isinstance(event, Started):
                signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("vae_explorer.training.loop.train", stopped_at_once)
    out = tmp_path / "m.safetensors"
    out.write_bytes(b"a good model")
    assert main([*TRAIN, *LONG, "--out", str(out), "--json"]) == 128 + signal.SIGTERM
    assert capsys.readouterr().err == "vae-explorer: training was stopped before it learned anything; no model was saved\n"
    assert out.read_bytes() == b"a good model"


def test_that_a_signal_before_training_begins_is_answered_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while torch is loaded, which takes seconds."""
    genuine = Place.__init__

    def stopped_first(place: Place, path: Path, new: bool) -> None:
        signal.raise_signal(signal.SIGTERM)
        genuine(place, path, new)

    monkeypatch.setattr(Place, "__init__", stopped_first)
    assert main([*TRAIN, *LONG, "--out", str(tmp_path / "m.safetensors")]) == 128 + signal.SIGTERM
    err = capsys.readouterr().err
    assert err.splitlines()[-1] == "vae-explorer: training was stopped before it learned anything; no model was saved"
    assert not list(tmp_path.iterdir())


def test_that_two_trainings_at_once_give_two_models(tmp_path: Path) -> None:
    with started(tmp_path, *SHORT, "--json") as one, started(tmp_path, *SHORT, "--json") as other:
        ends = [json.loads(process.communicate(timeout=PATIENCE)[0].splitlines()[-1]) for process in (one, other)]
    names = ["digits-vae-2.safetensors", "digits-vae.safetensors"]
    assert sorted(end["model"] for end in ends) == names
    assert sorted(os.listdir(tmp_path)) == names
    for end in ends:
        assert vx.load(tmp_path / end["model"]).card.metrics["elbo"] == end["test_elbo"]


def test_that_ctrl_c_after_another_signal_ends_at_once() -> None:
    asked: list[int] = []
    with ending_on_signals(asked.append, interrupt):
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        assert asked == [signal.SIGHUP]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_that_a_hang_up_that_is_ignored_stays_ignored() -> None:
    """As `nohup` asks for."""
    asked: list[int] = []
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_on_signals(asked.append, interrupt):
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert asked == []


def loses_its_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Someone removes the folder between the last step and the writing."""
    genuine = Place.save

    def save(place: Place, model: object) -> None:
        folder.rmdir()
        genuine(place, model)  # type: ignore[arg-type]

    monkeypatch.setattr(Place, "save", save)


def test_that_a_model_that_finds_its_folder_gone_is_kept_with_the_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "folder" / "m.safetensors"
    out.parent.mkdir()
    loses_its_folder(monkeypatch, out.parent)
    assert main([*TRAIN, *SHORT, "--out", str(out), "--json"]) == 3
    said, err = capsys.readouterr()
    kept = locations.runs() / "m-1.safetensors"
    assert json.loads(said.splitlines()[-1])["model"] == str(kept)
    assert err.endswith(f"the folder {out.parent} does not exist; create it first. The model is in {kept}\n")
    assert err.count("\n") == 1
    assert read_model_file(kept).card.name == "m"


def test_that_nothing_is_trained_for_a_file_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, parsed: list[object]
) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    for name in ("pipe", "folder", "nowhere/m", "x" * 300):
        assert main([*TRAIN, "--out", str(tmp_path / f"{name}.safetensors")]) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"vae-explorer: cannot write {tmp_path / name}.safetensors: ")
        assert err.count("\n") == 1
    assert parsed == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.safetensors", "pipe.safetensors"]


def test_that_a_file_name_of_unknown_letters_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.safetensors")
    assert main([*TRAIN, *SHORT, "--out", out, "--json"]) == 0
    assert read_model_file(out).card.name == "caf?"


def test_that_a_link_as_out_stays_and_a_mode_is_kept(answer: Callable[..., str], tmp_path: Path) -> None:
    file, link = tmp_path / "file.safetensors", tmp_path / "link.safetensors"
    file.touch(mode=0o600)
    link.symlink_to(file)
    answer(*TRAIN, *SHORT, "--out", link, "--json")
    assert link.is_symlink()
    assert read_model_file(file).card.name == "link"
    assert file.stat().st_mode & 0o777 == 0o600

"""The command `doctor`."""

from __future__ import annotations

import argparse
import os
import platform as system
from importlib import metadata
from pathlib import Path

from vae_explorer.cli.arguments import add_data_dir, add_json, complain, print_json, say

SUMMARY = "Versions, builds, devices and folders, and one line for each fault."

_MISSING = "not installed"
_PACKAGES = (
    "vae-explorer",
    "PySide6-Essentials",
    "pyqtgraph",
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "scikit-learn",
    "safetensors",
)
_TORCH_PROBE = (
    "import torch; mps = getattr(torch.backends, 'mps', None);"
    "print('torch ' + torch.__version__ + ' cuda ' + str(torch.version.cuda));"
    "print(' '.join(['cpu'] + ['cuda'] * torch.cuda.is_available() + ['mps'] * bool(mps and mps.is_available())));"
    "from vae_explorer.models.linear import product_type; print(product_type())"
)
_FEATURE_PROBE = (
    "from vae_explorer.gui.features.table import all_features, feature_problems;"
    "all_features(); print('\\n'.join(feature_problems()))"
)
_VISION_PROBE = "import torchvision; print(torchvision.__version__)"


def configure(parser: argparse.ArgumentParser) -> None:
    add_data_dir(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    from concurrent.futures import ThreadPoolExecutor

    from vae_explorer.cli.preflight import QT_PROBE, probe, window_problems

    facts = _facts(args.data_dir)
    problems = window_problems()
    probes = {"Qt platform": QT_PROBE, "torch build": _TORCH_PROBE, "torchvision build": _VISION_PROBE}
    if problems:
        facts["Qt platform"] = "not tried"
        del probes["Qt platform"]
    with ThreadPoolExecutor() as pool:  # each thread waits for a process that imports
        answers = list(pool.map(probe, probes.values()))
    for name, (good, said) in zip(probes, answers, strict=True):
        facts[name] = said if good else "fails"
        if not good:
            problems.append(_advice(name, said))
    facts["torch build"], facts["devices"], facts["products in training"] = (*facts["torch build"].split("\n"), "", "")[:3]
    problems += [] if problems else _feature_problems()
    problems += version_problems() + _folder_problems(args.data_dir) + _package_problems()
    _report(facts, problems, args.json)
    return 2 if problems else 0


def diagnostics(data_dir: str | None = None) -> str:
    """Return versions and folders for a bug report. Starts no process and loads nothing."""
    return "\n".join(f"{name}: {fact}" for name, fact in _facts(data_dir).items())


def _facts(data_dir: str | None) -> dict[str, str]:
    from vae_explorer import locations
    from vae_explorer.cli.preflight import platform
    from vae_explorer.models.catalogue import pretrained_models

    facts = {"python": system.python_version(), "system": system.platform(), "processors": str(os.cpu_count())}
    facts |= {name: _version(name) for name in _PACKAGES}
    facts["Qt platform asked for"] = platform()
    facts["data folder"] = str(locations.data(data_dir))
    facts["runs folder"] = str(locations.runs())
    facts["pretrained models"] = f"{locations.pretrained()} ({', '.join(pretrained_models()) or 'none'})"
    return facts


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return _MISSING


def _advice(name: str, said: str) -> str:
    from vae_explorer.cli.preflight import qt_advice

    if name == "Qt platform":
        return qt_advice(said)
    if "nms" in said:
        return "torch and torchvision come from different builds; run: pip install --force-reinstall torch torchvision"
    return f"{name.split()[0]} cannot be imported ({said}); install VAE Explorer again with pip"


def version_problems() -> list[str]:
    """Name packages outside of the versions that VAE Explorer declares.

    A checkout that is not installed declares none.
    """
    from packaging.requirements import Requirement

    try:
        declared = metadata.requires("vae-explorer") or []
    except metadata.PackageNotFoundError:
        return []
    problems = []
    for requirement in map(Requirement, declared):
        version = _version(requirement.name)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if version == _MISSING or not requirement.specifier.contains(version, prereleases=True):
            wanted = f"{requirement.name}{requirement.specifier}"
            problems.append(f"{requirement.name} is {version}, and VAE Explorer needs {wanted}; run: pip install -U '{wanted}'")
    return problems


def _folder_problems(data_dir: str | None) -> list[str]:
    from vae_explorer import locations
    from vae_explorer.models.catalogue import pretrained_models

    problems = []
    for name, folder, way_out in (
        ("data", locations.data(data_dir), "choose another folder with --data-dir or VAE_EXPLORER_DATA"),
        ("runs", locations.runs(), "choose another folder with VAE_EXPLORER_RUNS"),
    ):
        there = _nearest_existing(folder)
        if not os.path.isdir(there) or not os.access(there, os.W_OK):
            problems.append(f"the {name} folder {folder} cannot be written; {way_out}")
    if not pretrained_models():
        problems.append("no pretrained models were found; install VAE Explorer again with pip")
    return problems


def _package_problems() -> list[str]:
    """Name the data sets and the families of other packages that cannot be used."""
    from vae_explorer.data.sources import DATASETS
    from vae_explorer.models.families import FAMILIES

    return [*DATASETS.problems(), *FAMILIES.problems()]


def _feature_problems() -> list[str]:
    """Name the features of other packages that the window cannot use. Another process imports them, with Qt."""
    from vae_explorer.cli.preflight import probe

    if not metadata.entry_points(group="vae_explorer.features"):
        return []
    good, said = probe(_FEATURE_PROBE)
    return (
        said.splitlines() if good else [f"the features of packages cannot be imported ({said}); update or remove the packages"]
    )


def _nearest_existing(folder: Path) -> Path:
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.exists(place))


def _report(facts: dict[str, str], problems: list[str], as_json: bool) -> None:
    if as_json:
        print_json({"facts": facts, "problems": problems})
        return
    width = max(len(name) for name in facts)
    for name, fact in facts.items():
        say(f"{name.ljust(width)}  {fact}")
    for problem in problems:
        complain(f"problem: {problem}")
    if not problems:
        say("All is well.")

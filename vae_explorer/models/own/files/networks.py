"""Builds the network that a person names, by running the person's own file."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from vae_explorer.errors import UserError
from vae_explorer.models.own.callers import Function

_SPEC = re.compile(r"(?P<where>.+?):(?P<name>[A-Za-z_][\w.]*)(\((?P<arguments>.*)\))?", re.DOTALL)
_EXAMPLES = "--network my_vae.py:VAE, my_vae.py:VAE(16) or package.module:VAE"
_DECODERS, _ENCODERS = ("decode", "decoder"), ("encode", "encoder")


@dataclass(frozen=True, slots=True)
class Network:
    """A network as a person named it."""

    module: nn.Module
    name: str
    ran: str  # the file or package whose code was run

    @property
    def decode(self) -> Function:
        """Its `decode` or `decoder`; the network itself if it has neither, nor an encoder. Raises `UserError` if there is none."""
        found = self._part(_DECODERS)
        if found is None and self.encode is None:
            return self.module
        if found is None:
            raise UserError(f"the network {self.name} has no decode or decoder; add a method decode(z) that gives images")
        return found

    @property
    def encode(self) -> Function | None:
        return self._part(_ENCODERS)

    def _part(self, names: tuple[str, ...]) -> Function | None:
        found = (getattr(self.module, name, None) for name in names)
        return next((each for each in found if callable(each)), None)


def build(spec: str, beside: Path) -> Network:
    """Build the network of 'file.py:Name(arguments)' or 'package.module:Name(arguments)'.

    A file is looked for in the current folder, then in the folder `beside`. Arguments are literals. Raises `UserError`.
    """
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise UserError(f"{spec!r} names no network; write {_EXAMPLES}")
    where, name = match["where"], match["name"]
    places, named = _arguments(match["arguments"] or "", spec)
    try:
        made: Any = _module(where, beside)
        for part in name.split("."):
            made = getattr(made, part)
        network = made if isinstance(made, nn.Module) else made(*places, **named)
    except UserError:
        raise
    except AttributeError as error:
        raise UserError(f"{where} has no {name} ({error}); write {_EXAMPLES}") from error
    except (Exception, SystemExit) as error:  # the person's own code
        words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise UserError(f"the network {spec} cannot be made: {words}") from error
    if not isinstance(network, nn.Module):
        raise UserError(f"{spec} is a {type(network).__name__} and no torch module; name a class of torch.nn.Module")
    return Network(network.eval().requires_grad_(False), name, where)


def _arguments(text: str, spec: str) -> tuple[list[Any], dict[str, Any]]:
    try:
        call = ast.parse(f"f({text})", mode="eval").body
        if not isinstance(call, ast.Call):
            raise ValueError("no arguments")
        named = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg is not None}
        if len(named) != len(call.keywords):
            raise ValueError("**")
        return [ast.literal_eval(each) for each in call.args], named
    except (SyntaxError, ValueError, RecursionError) as error:
        raise UserError(f"the arguments in {spec!r} are no plain values; write them as in {_EXAMPLES}") from error


def _module(where: str, beside: Path) -> ModuleType:
    if not where.endswith(".py"):
        return importlib.import_module(where)
    path = next((each for each in (Path(where).expanduser(), beside / where) if each.is_file()), None)
    if path is None:
        raise UserError(f"there is no file {where}; name the file that defines the network")
    module_spec = importlib.util.spec_from_file_location(f"vae_explorer_network_{path.stem}", path.resolve())
    assert module_spec is not None
    assert module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module_spec.name] = module  # dataclasses and pickles look a class's module up by name
    sys.path.insert(0, str(path.resolve().parent))
    try:
        module_spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module

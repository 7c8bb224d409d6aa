"""Opens a file of another program as a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vae_explorer.errors import UserError
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.own.files.limits import check_file
from vae_explorer.models.own.files.networks import Network, build
from vae_explorer.models.own.files.programs import DECODE, ENCODE, functions_of, kind_of_program, read_program
from vae_explorer.models.own.files.state_dicts import fit, read_state_dict
from vae_explorer.models.own.finding import Found, find_out
from vae_explorer.models.own.given import Given
from vae_explorer.models.own.how import How
from vae_explorer.models.own.making import live_model

_MOST_NAMED = 5  # tensors


def open_own(path: Path, how: How) -> ModelFile:
    """Return the model in a file of another program. Raises `UserError` with one line that says what to do."""
    check_file(path)
    if how.encoder is not None or (not how.network and kind_of_program(path)):
        return _open_programs(path, how)
    state = read_state_dict(path)
    if not how.network:
        shapes = ", ".join(f"{name} {tuple(each.shape)}" for name, each in list(state.items())[:_MOST_NAMED])
        raise UserError(f"{path} holds the weights of a network ({shapes} …); name the network, as in --network my_vae.py:VAE")
    network = build(how.network, path.parent)
    surplus = fit(network.module, state, path, network.name)
    found = _found_of(network, how.given)
    notes = [f"the code of {network.ran} was run"]
    if surplus:
        notes.append(f"left over in the file: {', '.join(surplus[:_MOST_NAMED])}{' …' if len(surplus) > _MOST_NAMED else ''}")
    return live_model(path.stem, replace(found, contract=found.contract.noting(*notes)), how.given)


def _open_programs(path: Path, how: How) -> ModelFile:
    programs = dict(read_program(path, DECODE))
    if how.encoder is not None:
        programs |= read_program(how.encoder, ENCODE)
    try:
        functions = functions_of(programs)
        found = find_out(functions[DECODE], functions.get(ENCODE), None, how.given)
    except UserError as error:
        raise UserError(f"{path} cannot be opened: {error}") from error
    return live_model(path.name.partition(".")[0], found, how.given, weights=programs)


def _found_of(network: Network, given: Given) -> Found:
    """Find out what a network takes and gives. An encoder that cannot be called is left out, with a note."""
    if network.encode is None:
        return find_out(network.decode, None, None, given)
    try:
        return find_out(network.decode, network.encode, None, given)
    except UserError as error:
        found = find_out(network.decode, None, None, given)
        return replace(found, contract=found.contract.noting(f"the encoder is left out: {error}"))

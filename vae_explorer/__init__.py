"""VAE Explorer's Python API. Importing it loads neither torch nor Qt; `load` loads torch.

import vae_explorer as vx
model = vx.load("mnist-vae")
images = model.decode([[0.0, 0.0]])      # (1, 28, 28) in [0, 1]
cells = vx.dataset("~/cells")            # a folder of pictures
model.encode(images).mean                # (1, 2)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Loading a submodule sets the package's attribute of its name. Importing `codes` here keeps a later import from replacing the
# function `codes` by the module.
from vae_explorer.codes import Codes
from vae_explorer.errors import UserError
from vae_explorer.runtime.openmp import limit_spinning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    from numpy.typing import ArrayLike

    from vae_explorer.data.base import Dataset
    from vae_explorer.gui.main_window import MainWindow
    from vae_explorer.inference.evidence.results import Estimates, Evidence
    from vae_explorer.inference.trained import TrainedModel

limit_spinning()  # before anything loads torch

__version__ = "0.1.0"
__all__ = ["UserError", "codes", "dataset", "evidence", "explore", "list_models", "load"]


def load(model: str | PathLike[str]) -> TrainedModel:
    """Load a pretrained model or a run by its name, or the model in file `model`.

    Raises `UserError` with one line that gives the reason.
    """
    from vae_explorer.inference.trained import load_model
    from vae_explorer.models.catalogue import find_model

    return load_model(find_model(str(model)))


def evidence(
    model: TrainedModel | str | PathLike[str], images: ArrayLike, label: ArrayLike | None = None, draws: int = 500
) -> Evidence | Estimates:
    """Compute log p(x) of images (n, H, W, C) or (H, W, C), and its terms; with more than two latents or a pose, estimate it.

    With one or two latents the `Evidence` is exact, by quadrature. With more latents, or a pose, the `Estimates` come from
    importance sampling, with `draws` draws from each proposal. Each result is (n,) float64 in nats. Grey images may lack the last axis.
    `images` lie in [0, 1], are 0 or 1 for a model of binarised images, and n / 255 for the discretised logistic. A conditional
    model takes classes (n,) as `label`, and gives log p(x|c). Raises `UserError` if the family has no evidence, if shape or
    range are wrong, and if classes are missing or unwanted.
    """
    from vae_explorer.inference.evidence.exact import exact_engine
    from vae_explorer.inference.evidence.sampled import EvidenceSampler
    from vae_explorer.inference.trained import TrainedModel

    loaded = model if isinstance(model, TrainedModel) else load(model)
    is_sampled = loaded.card.has_estimates
    engine = EvidenceSampler(loaded, draws).estimates if is_sampled else exact_engine(loaded).evidence
    flat = loaded.flat(images)
    loaded.check_pixels(flat)
    return engine(flat.reshape(-1, *loaded.image_shape), loaded.checked_label(label, len(flat)))


def codes(model: str | PathLike[str]) -> Codes:
    """Return a model's stored codes: mean (n, 2), std (n, 2), label (n,), split (n,).

    Loads no torch. Raises `UserError` if there is no such model, or its file is damaged.
    """
    from vae_explorer.models.catalogue import find_model
    from vae_explorer.models.model_file import read_model_file

    return read_model_file(find_model(str(model))).codes


def dataset(source: str | PathLike[str], *, name: str = "", **reading: Any) -> Dataset:
    """Return a data set by its name, or a person's own images at a path, which are read once and then kept.

    `train` and `test` hold images (n, H, W, C) uint8 and class numbers `labels` (n,); `columns` holds all labels. `name` names
    the kept images. A Python file is run. `reading` has the fields of `vae_explorer.data.own.reading.Reading`, such as size=(64, 64) or
    colour="grey". Raises `UserError` with one line that gives the reason.
    """
    from vae_explorer import locations
    from vae_explorer.data.base import Fetching
    from vae_explorer.data.own.adding import add
    from vae_explorer.data.own.reading import Reading
    from vae_explorer.data.sources import all_datasets, load_dataset

    root = locations.data()
    if not (name or reading) and str(source) in all_datasets(root):  # a folder may have the name of its data set
        return load_dataset(str(source), Fetching(root))
    return add(source, Reading.of(**reading), root, name).store.dataset()


def explore(
    decode: Callable[[Any], Any],
    encode: Callable[[Any], Any] | None = None,
    images: Any = None,
    labels: ArrayLike | Mapping[str, ArrayLike] | None = None,
    likelihood: str | None = None,
    name: str = "own model",
    *,
    sigma: float | None = None,
    latents: int | None = None,
    image_shape: Sequence[int] | None = None,
    pixels: str | None = None,
    layout: str | None = None,
    posterior: str | None = None,
    block: bool | None = None,
) -> MainWindow:
    """Open the window on a model of one's own: `decode` takes latent points (n, d) and gives n images.

    `encode` takes images and gives q(z|x). `images` are placed on the map, and `labels` colour them. Arrays may be numpy's or
    torch's. What the functions take and give is found out by calling them, said in one line, and can be given: `pixels` (unit,
    signed, bytes, logits), `layout` (nchw, nhwc, nhw, flat, flat-nhwc), `posterior` (mean, log-variance, std, joined,
    distribution). `likelihood` is bernoulli, continuous-bernoulli or gaussian with `sigma`. The call returns once the window is
    closed, or at once in IPython and Jupyter; `block` says otherwise. Raises `UserError` with one line.
    """
    from vae_explorer.inference.own import model_of
    from vae_explorer.models.own.given import Given

    given = Given.of(
        latents=latents,
        image_shape=image_shape,
        pixels=pixels,
        layout=layout,
        posterior=posterior,
        likelihood=likelihood,
        sigma=sigma,
    )
    own = model_of(decode, encode, images, labels, name, given)
    from vae_explorer.gui.own_window import show

    return show(own, block)


def list_models() -> list[str]:
    """Return the names that `load` knows: pretrained models, then finished runs."""
    from vae_explorer.models.catalogue import finished_runs, pretrained_models

    return [*pretrained_models(), *finished_runs()]

"""The kinds that models, training, latent plane and window share, compared by identity."""

from __future__ import annotations

from enum import Enum


class Word(str, Enum):
    """A kind that files and the command line write as its value.

    Python 3.11 has `enum.StrEnum`; the program also runs on Python 3.10.
    """

    def __str__(self) -> str:
        return str(self.value)


class PosteriorKind(Word):
    """What the encoder of a family gives for an image."""

    GAUSSIAN = "gaussian"
    FLOW = "flow"
    POINT = "point"
    NONE = "none"  # the family has no encoder


class CodesKind(Word):
    """The kind of a family's codes."""

    GAUSSIAN = "gaussian"
    FLOW = "flow"  # densities that bend: mean and std are their moments
    POINT = "point"
    GAME = "game"  # points that a discriminator draws to the prior
    SEARCHED = "none"  # the family has no encoder: the program searches for the code of an image


class PixelKind(Word):
    """The kind of pixels that a likelihood covers."""

    GREY = "grey"  # any number in [0, 1], with a density
    BINARY = "binary"
    EIGHT_BIT = "8-bit"  # n / 255, with a probability


class Binarised(Word):
    """Whether training draws binary images from the grey ones."""

    DYNAMIC = "dynamic"  # anew for every batch: Salakhutdinov & Murray 2008
    NONE = "none"


class Fit(Word):
    """What happens to an image of other proportions than those of its set."""

    PAD = "pad"  # all of the image stays; colour of its border fills the rest
    CROP = "crop"  # the middle of the image stays
    STRETCH = "stretch"  # all of the image stays; its proportions change


class Part(Word):
    """The part of a data set that a run measures after an epoch."""

    TEST = "test"
    VALIDATION = "validation"  # training images that the run holds out


class Storage(Word):
    """How a model file holds weights and codes."""

    FULL = "full"
    HALF = "half"  # as float16 numbers


class Optimiser(Word):
    """What turns gradients into steps."""

    ADAM = "adam"
    MUON = "muon"

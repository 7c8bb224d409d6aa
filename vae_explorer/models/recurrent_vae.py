"""The recurrent VAE."""

from __future__ import annotations

from vae_explorer.models.vae import Vae


class RecurrentVae(Vae):
    """A VAE that reads and writes an image row by row, with a GRU for encoder and one for decoder. Minimises −ELBO.

    The rows x_1 … x_H of an image are its sequence. One z stands for all of it, as in Bowman et al. 2016, section 3 (Chung et al. 2015
    draw a latent for every step). The decoder's state s_t = GRU(s_{t−1}, z) is given z at every step and nothing of the row before:
    Bowman's inputless decoder (word dropout 1, section 3.1), which cannot learn to do without z. So p(x|z) = Π_t p(x_t|s_t(z)) is a
    product over pixels, as in every other family, and each question to the decoder has one answer.
    """

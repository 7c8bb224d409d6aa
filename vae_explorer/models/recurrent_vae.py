"""The recurrent VAE."""

from __future__ import annotations

from vae_explorer.models.vae import Vae


class RecurrentVae(Vae):
    """A VAE that reads and writes an image row by row with GRUs. Minimises −ELBO.

    One z stands for all rows x_1 … x_H, as in Bowman et al. 2016, section 3 (Chung et al. 2015 draw a latent for every step).
    The decoder's state s_t = GRU(s_{t−1}, z) reads z but no row: Bowman's inputless decoder (word dropout 1, section 3.1),
    which cannot learn to ignore z. So p(x|z) = Π_t p(x_t|s_t(z)) is a product over pixels.
    """

"""Exact evidence in two latent dimensions: log p(x), p(z|x) and the ELBO's terms."""

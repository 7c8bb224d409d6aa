"""Exact evidence in two latent dimensions: log p(x), the true posterior, and every term of the ELBO, by quadrature."""

from vae_explorer.models.vae import Vae


class Toy(Vae):
    """A VAE whose codes are drawn together."""

    def image_terms(self, batch, generator=None, samples=1):
        mean = self.encode(batch.images, batch.label).mean
        return super().image_terms(batch, generator, samples) | {"pull": mean.square().sum(dim=1)}

    def objective(self, terms):
        return super().objective(terms) + self.spec.parameters["strength"] * terms["pull"]

"""The contractive autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.ae import Ae
from vae_explorer.models.base import Batch
from vae_explorer.models.spec import ModelSpec


class ContractiveAe(Ae):
    """An autoencoder that minimises −log p(x | z = f(x)) + λ · ‖∂f/∂x‖²_F: Rifai et al. 2011.

    Their h is here the code itself, (n, 2), so the Jacobian of an image is (2, D); its squares are summed and the mean is taken over
    the batch. It is exact, by one backward pass for each coordinate of the code. Their closed form is that of one layer.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._weight = spec.parameters.get("contraction", 0.0)

    def contraction(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The codes of images (n, D), (n, 2), and ‖∂f/∂x‖²_F of each, (n,). Weights get a gradient of both where gradients are on."""
        training = torch.is_grad_enabled()
        with torch.inference_mode(False), torch.enable_grad():
            pixels = images.clone().requires_grad_()
            code = self.encode(pixels).mean
            # Images do not see one another, so the gradient of a sum over the batch holds each one's own.
            rows = [
                torch.autograd.grad(axis.sum(), pixels, create_graph=training, retain_graph=True)[0] for axis in code.unbind(1)
            ]
            squares = torch.stack([row.square().sum(dim=1) for row in rows]).sum(dim=0)
        return (code, squares) if training else (code.detach(), squares.detach())

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        code, squares = self.contraction(batch.images)
        return {"reconstruction": self.log_prob(batch, code), "contraction": squares}

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return self._weight * terms["contraction"] - terms["reconstruction"]

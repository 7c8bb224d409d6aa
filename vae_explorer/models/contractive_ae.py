"""The contractive autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.ae import Ae
from vae_explorer.models.base import Batch
from vae_explorer.models.spec import ModelSpec


class ContractiveAe(Ae):
    """An autoencoder that minimises −log p(x | z = f(x)) + λ · ‖∂f/∂x‖²_F.

    Rifai et al. 2011, with the code (n, d) as their h. The Jacobian (d, D) of an image is exact: one backward pass for each
    coordinate of the code. Its squares are summed, then averaged over the batch.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self._weight = spec.parameters.get("contraction", 0.0)

    def contraction(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the codes of images (n, D), (n, d), and ‖∂f/∂x‖²_F of each, (n,).

        Gradients reach the weights from both.
        """
        training = torch.is_grad_enabled()
        with torch.inference_mode(False), torch.enable_grad():
            pixels = images.clone().requires_grad_()
            code = self.encode(pixels).mean
            # Images are independent, so the gradient of the batch's sum holds the gradient of each image.
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

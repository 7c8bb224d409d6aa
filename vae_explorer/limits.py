"""The limits of model files and training runs, far above real use and far below harm.

Reading, writing, training and the window share the table. The guide prints it (robustness.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from vae_explorer.errors import UserError


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest allowed count, length or number of one kind."""

    what: str
    most: int
    unit: str
    real: str  # sizes in real use

    def refusal(self, count: float) -> str:
        """Return one line that refuses `count`, or "" if `count` is within the limit."""
        if count <= self.most:
            return ""
        return f"{self.what}: {_number(count)} {self.unit}, at most {self.most:,}"

    def check(self, count: float, subject: str = "") -> None:
        """Raise `UserError` if `count` exceeds the limit. `subject` names the owner of the count."""
        refusal = self.refusal(count)
        if refusal:
            raise UserError(f"{subject} {refusal}".strip())


def _number(count: float) -> str:
    return f"{count:,}" if abs(count) < 1e15 else f"{count:.1e}"


LIMITS = {
    "file": Limit("size of the file", 1 << 32, "bytes", "0.2 to 400 million"),
    "header": Limit("size of the header", 1 << 24, "bytes", "5,000"),
    "tensors": Limit("arrays", 4096, "arrays", "14 to 40"),
    "tensor_name": Limit("name of an array", 200, "characters", "30"),
    "depth": Limit("nesting of the model card", 32, "levels", "4"),
    "values": Limit("values of the model card", 1_000_000, "values", "100"),
    "text": Limit("text of the model card", 20_000, "characters", "400, the training command"),
    "name": Limit("name of the model, a class, a term or a version", 1000, "characters", "30"),
    "classes": Limit("classes", 1 << 15, "classes", "10, and 6,413 signs of kanji"),
    "entries": Limit("terms, versions or parameters", 1000, "entries", "8"),
    "codes": Limit("codes", 100_000_000, "codes", "70,000 to 10 million"),
    "side": Limit("height or width of an image", 4096, "pixels", "28 to 256"),
    "channels": Limit("channels of an image", 16, "channels", "1 or 3"),
    "pixels": Limit("pixels of an image, in all channels", 1 << 20, "pixels", "784 to 65,536"),
    "latents": Limit("latents", 512, "latents", "2 to 64"),
    "layers": Limit("hidden layers", 64, "layers", "1 to 3"),
    "width": Limit("width of a hidden layer", 1 << 16, "units", "16 to 1,024"),
    "weights": Limit("weights of the network", 1 << 28, "weights", "0.1 to 5 million"),
    "products": Limit("multiplications to decode or encode one image", 1 << 30, "multiplications", "1 to 100 million"),
    "activations": Limit("numbers in all layers for one image", 1 << 22, "numbers", "2,000 to 50,000"),
    "steps": Limit("recurrent steps, one after another", 4096, "steps", "28"),
    "whole": Limit("size of a whole number", (1 << 63) - 1, "", "a seed"),
    "seconds": Limit("time to open another person's file", 60, "seconds", "0.1 to 2"),
}

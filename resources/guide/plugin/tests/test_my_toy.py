import numpy as np
import pytest
from my_toy.bars import SPEC
from my_toy.middle.panel import MiddlePanel

import vae_explorer as vx
from vae_explorer.cli import main
from vae_explorer.gui.app import create_application, create_window


@pytest.fixture(scope="session")
def qapp():
    return create_application()


@pytest.fixture(scope="session")
def model_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "toy.safetensors"
    assert main(["train", "--family", "toy", "--dataset", "bars", "--epochs", "1", "--strength", "2", "--out", str(path)]) == 0
    return path


def test_that_each_image_is_a_bar_of_its_class():
    data = vx.dataset("bars")
    assert (len(data.train), len(data.test)) == SPEC.size
    upright = (data.train.images[..., 0] > 0).all(axis=1).any(axis=1)
    assert np.array_equal(upright, data.train.labels == 0)


def test_that_training_measures_the_pull(model_path):
    model = vx.load(model_path)
    assert model.card.spec.parameters == {"strength": 2.0}
    assert model.decode([0.0, 0.0]).shape == (1, 12, 12)
    assert model.card.metrics["pull"] > 0


def test_that_a_window_shows_the_mean_of_the_codes(model_path, qtbot):
    window = create_window(model_path, remember=False)
    window.show()
    mean = vx.load(model_path).codes.mean.mean(axis=0)
    panel = window.explorer.panel(MiddlePanel)
    qtbot.waitUntil(lambda: panel.text() == f"The codes lie around ({mean[0]:.2f}, {mean[1]:.2f})", timeout=60_000)
    qtbot.waitUntil(lambda: window.session.settled, timeout=60_000)
    window.close()

"""The command line on a model with a pose."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vae_explorer as vx
from vae_explorer.poses import Pose

from .conftest import Answer


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from vae_explorer.cli import main

    path = tmp_path_factory.mktemp("pose") / "posed.safetensors"
    words = ["train", "--family", "rotation-vae", "--dataset", "digits", "--epochs", "1", "--hidden", "16", "--out", str(path)]
    assert main(words) == 0
    return path


def test_that_decode_turns_and_shifts(path: Path, answer: Answer, refusal: Answer, tmp_path: Path) -> None:
    out, model = tmp_path / "f.png", vx.load(path)
    said = json.loads(answer("decode", path, "--z", 0.5, -1, "--pose", 90, 0.25, -0.5, "--out", out, "--json"))
    assert said["pose"] == [90, 0.25, -0.5]
    with Image.open(out) as picture:
        wanted = model.decode_uint8([0.5, -1], pose=Pose(math.pi / 2, 0.25, -0.5))[0, :, :, 0]
        assert np.array_equal(np.asarray(picture), wanted)
        assert "z (0.5, -1) in pose (90, 0.25, -0.5)" in str(picture.info)
    words = ("decode", "digits-vae", "--z", 0, 0, "--pose", 90, 0, 0, "--out", "f.png")
    assert "family 'vae' has no pose; leave the pose out" in refusal(*words)


def test_that_encode_gives_the_pose_as_decode_takes_it(path: Path, answer: Answer, tmp_path: Path) -> None:
    pixels, model = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8), vx.load(path)
    Image.fromarray(pixels).save(tmp_path / "f.png")
    pose = model.poses(pixels / np.float32(255)).mean[0]
    said = json.loads(answer("encode", path, tmp_path / "f.png", "--json"))
    assert said["pose"] == pytest.approx([math.degrees(pose[0]), *pose[1:]], rel=1e-5)
    assert f"pose ({math.degrees(pose[0]):+.4f}" in answer("encode", path, tmp_path / "f.png")


def test_that_the_evidence_says_that_it_is_an_estimate_over_the_pose(path: Path, answer: Answer) -> None:
    said = answer("evaluate", path, "--evidence", "--limit", 2, "--draws", 30)
    assert "log p(x), estimate by draws from a mixture of both" in said
    assert said.endswith("each draw is of z, shift and angle together, and climbs also start from other angles\n")

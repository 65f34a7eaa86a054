"""ResNets of CIFAR-10 in one time step: what conversion loses, by the number of levels.

    python benchmarks/convert/cifar.py FOLDER [--depth 20] [--images 2000] [--levels 4 8 15 31] [--seeds 0 1 2]

FOLDER holds cifar10_jpeg.npz (all images as JPEG) and the checkpoints resnet20-*.th, resnet56-*.th of
akamaster/pytorch_resnet_cifar10. JPEG takes more than ten points from these networks, as they were trained on other
images; what is lost by conversion is counted from there. `seeds` draw the 128 images that thresholds are found by.
Needs PyTorch and Pillow.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reafference.convert import convert
from support.printing import machine, table

MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CALIBRATION = 128


class Block(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.shrinks, self.wider = stride != 1, (after - before) // 2

    def forward(self, x: Tensor) -> Tensor:
        """(images, before, height, width) to (images, after, ...)."""
        inside = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.shrinks:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.wider, self.wider))
        return F.relu(inside + x)


class ResNet(nn.Module):
    """He et al. 2016, section 4.2, with shortcuts that pad."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        before = 16
        for number, (after, stride) in enumerate(((16, 1), (32, 2), (64, 2)), 1):
            blocks = []
            for k in range((depth - 2) // 6):
                blocks.append(Block(before, after, stride if k == 0 else 1))
                before = after
            setattr(self, f"layer{number}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        """(images, 3, 32, 32) to (images, 10)."""
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(F.avg_pool2d(x, x.shape[3]).flatten(1))


def trained(folder: Path, depth: int) -> ResNet:
    path = next(iter(sorted(folder.glob(f"resnet{depth}-*.th"))))
    state = torch.load(path, map_location="cpu", weights_only=False)["state_dict"]
    model = ResNet(depth)
    model.load_state_dict({name.removeprefix("module."): value for name, value in state.items()})
    return model.eval()


def images(folder: Path, part: str, chosen: np.ndarray) -> tuple[Tensor, Tensor]:
    kept = np.load(folder / "cifar10_jpeg.npz")
    data, start, label = kept[f"{part}_bytes"], kept[f"{part}_start"], kept[f"{part}_label"]
    ends = np.append(start[1:], data.size)
    pixels = np.stack(
        [np.asarray(Image.open(io.BytesIO(data[start[k] : ends[k]].tobytes())).convert("RGB")) for k in chosen]
    )
    shape = (1, 3, 1, 1)
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    x = (x - torch.tensor(MEAN).view(shape)) / torch.tensor(SPREAD).view(shape)
    return x, torch.from_numpy(label[chosen].astype(np.int64))


def answers(model: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return torch.cat([model(part).argmax(1) for part in x.split(250)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--depth", type=int, default=20)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--levels", type=int, nargs="*", default=[4, 8, 15, 31])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    chosen = parser.parse_args()
    model = trained(chosen.folder, chosen.depth)
    test = np.random.default_rng(1234).choice(10_000, min(chosen.images, 10_000), replace=False)
    x, label = images(chosen.folder, "test", test)
    own = answers(model, x)
    right = 100 * float((own == label).double().mean())
    print(machine(), f"PyTorch {torch.__version__}\n")
    print(f"ResNet-{chosen.depth}, {len(test)} test images: the network itself is right in {right:.2f} %\n", flush=True)
    rows = []
    for levels in chosen.levels:
        losses, same, seconds = [], [], []
        for seed in chosen.seeds:
            some = np.random.default_rng(seed).choice(50_000, CALIBRATION, replace=False)
            samples, _ = images(chosen.folder, "train", some)
            began = time.perf_counter()
            spiking = convert(model, samples, levels=levels, seed=seed)
            seconds.append(time.perf_counter() - began)
            found = answers(spiking, x)
            losses.append(right - 100 * float((found == label).double().mean()))
            same.append(100 * float((found == own).double().mean()))
        rows.append(
            [
                str(levels),
                f"{np.median(losses):.2f} ({min(losses):.2f} to {max(losses):.2f})",
                f"{np.median(same):.1f} ({min(same):.1f} to {max(same):.1f})",
                f"{np.median(seconds):.0f}",
            ]
        )
        print(f"levels {levels} done", file=sys.stderr, flush=True)
    print(table(["levels", "points lost", "answers as the network's, %", "s to convert"], rows))


if __name__ == "__main__":
    main()

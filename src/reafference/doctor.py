"""What this installation is: versions, threads, extras, compiled kernels."""

import importlib.util
import os
import platform
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

CORE = ("numpy", "scipy", "numba", "gymnasium")


@dataclass(frozen=True, kw_only=True)
class Extra:
    """An optional part of the package.

    module  whose presence shows that the extra is there
    adds    what can be done with it
    """

    name: str
    module: str
    adds: str


EXTRAS = (
    Extra(name="mujoco", module="mujoco", adds="bodies simulated by MuJoCo, such as Reacher-v5"),
    Extra(name="parquet", module="pyarrow", adds="recordings saved to and loaded from Parquet"),
    Extra(name="worlds", module="minigrid", adds="worlds of MiniGrid, such as MiniGrid-FourRooms-v0"),
    Extra(name="mpi", module="mpi4py", adds="networks on several machines"),
    Extra(name="chips", module="pymetis", adds="networks cut into the cores of a chip by METIS"),
    Extra(name="sanafe", module="yaml", adds="networks in the files of the simulator SANA-FE"),
    Extra(name="nir", module="nir", adds="networks read from and written as NIR files"),
    Extra(name="convert", module="torch", adds="PyTorch networks turned into spiking ones"),
    Extra(name="mpi-test", module="mpi4py", adds="an MPI from a wheel, to try that on one machine"),
    Extra(name="test", module="pytest", adds="the test suite of this package"),
    Extra(name="dev", module="importlinter", adds="what a change to this package is checked with"),
)


def report() -> str:
    """Return what a maintainer asks first when something does not work, as lines of plain text."""
    lines = [f"reafference {version('reafference')}", "", "Versions"]
    lines += [f"  python     {platform.python_version()}  ({sys.executable})"]
    lines += [f"  {name:<10} {version(name)}" for name in CORE]
    lines += [f"  system     {platform.system()} {platform.release()} {platform.machine()}"]
    lines += ["", "Threads", f"  {threads()}", "", "Extras"]
    for extra in EXTRAS:
        if importlib.util.find_spec(extra.module) is not None:
            lines.append(f"  {extra.name:<10} present: {extra.adds}")
        else:
            lines.append(f"  {extra.name:<10} missing; pip install 'reafference[{extra.name}]' adds {extra.adds}")
    lines += ["", "Compiled kernels", *kernels()]
    return "\n".join(lines)


def version(distribution: str) -> str:
    """Return the installed version of a distribution, or say that it is not installed as one."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed" if distribution != "reafference" else "run from its source, not installed"


def threads() -> str:
    """Return how many processors this process may use, and which limits the environment sets."""
    allowed = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    limits = [f"{name}={os.environ[name]}" for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS") if name in os.environ]
    return f"{allowed} of {os.cpu_count()} processors may be used{'; ' if limits else ''}{', '.join(limits)}"


def kernels() -> list[str]:
    """Return where compiled kernels are kept and how much room they take."""
    from reafference.engine.kernel import cache_folder

    try:
        folder = cache_folder()
    except OSError as error:
        return [f"  none can be kept: {error}"]
    files, size = contents(folder)
    if files:
        lines = [f"  {folder}", f"  {files} files, {size / 1e6:.1f} MB"]
    else:
        lines = [f"  {folder}", "  empty; the first run compiles and takes longer"]
    old = [other for other in folder.parent.glob("kernels-*") if other != folder and other.is_dir()]
    if old:
        room = sum(contents(other)[1] for other in old)
        lines.append(f"  folders of other versions beside it: {len(old)}, {room / 1e6:.1f} MB; they may be deleted")
    return lines


def contents(folder: Path) -> tuple[int, int]:
    """Return the number of files below `folder` and their size (bytes)."""
    sizes = [file.stat().st_size for file in folder.rglob("*") if file.is_file()]
    return len(sizes), sum(sizes)

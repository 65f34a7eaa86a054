"""Installs the simulators that this one is compared with, each into an environment of its own.

    make peers [GENN=/path/to/genn]

NEST and Brian2 come from PyPI, GeNN from a folder that has its source, since there is no package of it. Nothing of this
project is installed there, and nothing of them in the environment of this project. An environment that has its
simulator already is left alone; remove its folder to have it made again.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PACKAGES = {
    "nest": ["nest-simulator", "numpy", "pyarrow"],
    # Brian2 2.9 uses what numpy 2.4 took away; it compiles with Cython and setuptools.
    "brian2": ["brian2==2.9.0", "numpy<2.4", "cython", "setuptools", "pyarrow"],
    "genn": ["numpy", "pyarrow", "setuptools", "wheel", "pybind11", "psutil", "pkgconfig"],
}
MODULES = {"nest": "nest", "brian2": "brian2", "genn": "pygenn"}


def version(python: Path, module: str) -> str | None:
    """The version of a simulator, None where it cannot be imported."""
    if not python.exists():
        return None
    code = f"import {module}; print('version', {module}.__version__)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    found = [line for line in done.stdout.splitlines() if line.startswith("version ")]
    return found[-1].split()[1] if done.returncode == 0 and found else None


def install(name: str, folder: Path, source: Path | None) -> None:
    """Make one environment; raises CalledProcessError where pip fails."""
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PACKAGES[name]], check=True)
    if source is not None:
        # Its build writes into its source; that of the user stays as it is.
        with tempfile.TemporaryDirectory() as place:
            copy = shutil.copytree(source, Path(place, "genn"), symlinks=True, ignore=shutil.ignore_patterns(".git"))
            subprocess.run([*pip, "--no-build-isolation", str(copy)], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(".venv-peers"))
    parser.add_argument("--genn", help="folder with the source of GeNN")
    arguments = parser.parse_args()
    failed = []
    for name, module in MODULES.items():
        folder = arguments.folder / name
        found = version(folder / "bin" / "python", module)
        if found:
            print(f"{name}: version {found} is in {folder}; nothing to do.")
            continue
        source = Path(arguments.genn).expanduser() if name == "genn" and arguments.genn else None
        if name == "genn" and source is None:
            print(
                "genn: skipped. There is no package of it: clone github.com/genn-team/genn and name the folder, "
                "make peers GENN=/path/to/genn. It needs g++, make, pkg-config and libffi."
            )
            continue
        if source is not None and not (source / "pygenn").is_dir():
            print(f"genn: {source} has no folder `pygenn`; name the folder of its source.")
            failed.append(name)
            continue
        what = f"{source}, compiled (some 20 minutes)" if source else "PyPI"
        print(f"{name}: installing into {folder} from {what} ...", flush=True)
        try:
            install(name, folder, source)
        except subprocess.CalledProcessError as error:
            print(f"{name}: failed with exit status {error.returncode}; what was said stands above.")
            failed.append(name)
            continue
        found = version(folder / "bin" / "python", module)
        print(f"{name}: version {found}." if found else f"{name}: installed, but `import {module}` fails.")
        failed += [] if found else [name]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

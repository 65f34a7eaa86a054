"""The connectome of the fly larva, as its authors publish it."""

from __future__ import annotations

import csv
import io
import zipfile

import numpy as np


def larva_synapses(path: str) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """(neurons, source, target, number of contacts) of the zip file of Winding et al., Science 379 (2023) eadd9330."""
    with zipfile.ZipFile(path) as folder:
        name = next(
            n for n in folder.namelist() if n.endswith("/all-all_connectivity_matrix.csv") and "MACOSX" not in n
        )
        with folder.open(name) as raw:
            lines = csv.reader(io.TextIOWrapper(raw, "utf-8"))
            number = {neuron: k for k, neuron in enumerate(next(lines)[1:])}
            rows = [(number[line[0]], np.array(line[1:], np.float64)) for line in lines]
    matrix = np.zeros((len(number), len(number)))
    for k, values in rows:
        matrix[k] = values
    source, target = np.nonzero(matrix)
    return len(number), source, target, matrix[source, target]

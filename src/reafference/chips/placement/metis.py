"""A first cut by METIS: parts of about equal load between which few spikes travel.

Source: Karypis and Kumar, SIAM J. Sci. Comput. 20 (1998) 359-392.
"""

from __future__ import annotations

import importlib.util

import numpy as np
from scipy import sparse

from reafference.chips.placement.graph import Graph, Int32s, Int64s

LARGEST = 2**30  # METIS sums weights in 32 bits


def has_metis() -> bool:
    """Whether pymetis is installed (extra `chips`)."""
    return importlib.util.find_spec("pymetis") is not None


def metis_parts(graph: Graph, size: Int64s, parts: int, seed: int) -> Int32s:
    """(neurons,) int32, a part of 0 to parts - 1 for each neuron; some may stay empty.

    size  (neurons,) int64, how much each neuron takes of a core; parts get about the same sum

    An edge weighs the spikes of both neurons that it joins. Raises ImportError where pymetis is missing.
    """
    if parts < 2 or graph.neurons < 2:
        return np.zeros(graph.neurons, np.int32)
    try:
        import pymetis
    except ImportError as error:
        raise ImportError(
            "cutting a network by METIS needs pymetis: pip install 'reafference[chips]'; "
            "or give starts=(Grown(),), which cuts without it."
        ) from error
    spikes = graph.activity()[graph.source] if graph.synapses else np.zeros(0)
    away = graph.source != graph.target
    joined = sparse.csr_matrix(
        (spikes[away], (graph.source[away], graph.target[away])), shape=(graph.neurons, graph.neurons)
    )
    joined = (joined + joined.T).tocsr()
    joined.sort_indices()
    top = joined.data.sum()
    scale = min(1000.0 / max(joined.data.max(initial=0.0), 1e-300), LARGEST / max(top, 1e-300))
    weight = np.maximum(1, np.rint(joined.data * scale)).astype(np.int32)
    load = np.maximum(1, np.rint(size * min(1.0, LARGEST / max(int(size.sum()), 1)))).astype(np.int32)
    options = pymetis.Options(seed=seed % 2**31, ufactor=20)
    adjacency = pymetis.CSRAdjacency(joined.indptr.astype(np.int32), joined.indices.astype(np.int32))
    cut = pymetis.part_graph(parts, adjacency, eweights=weight, vweights=load, recursive=False, options=options)
    return np.asarray(cut.vertex_part, np.int32)

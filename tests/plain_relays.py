"""A small network of integer neurons, tick by tick, with the neurons that splitting adds."""

NEURON, RELAY, COPY, ADDER = range(4)


def plain_run(graph, role, origin, threshold, leak, drive, ticks):
    """Ticks and neurons of all spikes, as a set of pairs.

        v <- v - sign(v) floor(|v| leak / 16) + input;  v >= threshold: spike, v = 0

    threshold, leak  of the network's neurons, by their number
    drive            input from outside: a dictionary of (tick, neuron of the network)

    A relay fires whenever something reaches it; an adder passes its sum on as the payload of its spike, with which the
    weight behind is multiplied. Neither keeps anything. A copy is its origin again, driven from outside as that is.
    """
    out = [[] for _ in range(graph.neurons)]
    weights = [1] * graph.synapses if graph.weight is None else graph.weight.tolist()
    for s, t, w, d in zip(graph.source.tolist(), graph.target.tolist(), weights, graph.delays().tolist(), strict=True):
        out[s].append((t, w, d))
    arriving = {}
    v = [0] * graph.neurons
    spikes = set()
    for tick in range(ticks):
        now = arriving.pop(tick, {})
        for n in range(graph.neurons):
            arrived = now.get(n, 0)
            payload = None
            if role[n] == RELAY:
                assert arrived in (0, 1)
                payload = 1 if arrived else None
            elif role[n] == ADDER:
                payload = arrived if arrived else None
            else:
                o = int(origin[n])
                lost = abs(v[n]) * leak[o] // 16
                v[n] += (-lost if v[n] > 0 else lost) + arrived + drive.get((tick, o), 0)
                if v[n] >= threshold[o]:
                    v[n], payload = 0, 1
            if payload is not None:
                spikes.add((tick, n))
                for t, w, d in out[n]:
                    slot = arriving.setdefault(tick + d, {})
                    slot[t] = slot.get(t, 0) + payload * w
    return spikes

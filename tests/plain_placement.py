"""Placement counted the obvious way: sets, dictionaries, and messages that walk link by link."""

from collections import Counter, defaultdict


def plain_axons(graph):
    """Axon (source, kind) and target of each synapse, as a list of pairs."""
    kinds = [0] * len(graph.source) if graph.kind is None else graph.kind.tolist()
    return [((s, k), t) for s, k, t in zip(graph.source.tolist(), kinds, graph.target.tolist(), strict=True)]


def plain_use(graph, core, list_bits):
    """What each core and neuron takes up: dictionaries of neurons, axons in, axons out, bits; of neuron, fan-in."""
    core = [int(c) for c in core]
    lists = Counter()  # synapses of an axon on a core
    hears = defaultdict(set)
    for axon, target in plain_axons(graph):
        lists[axon, core[target]] += 1
        hears[target].add(axon)
    use = {name: Counter() for name in ("neurons", "axons in", "axons out", "synapse memory", "of neuron", "fan-in")}
    for c in core:
        if c >= 0:  # -1 is outside the chip
            use["neurons"][c] += 1
    for (axon, c), n in lists.items():
        use["axons in"][c] += 1
        if core[axon[0]] >= 0:
            use["axons out"][core[axon[0]]] += 1
            use["of neuron"][axon[0]] += 1
        if list_bits is not None:
            bits = n * list_bits.synapse + list_bits.head
            while bits % list_bits.word:
                bits += 1
            use["synapse memory"][c] += bits
    for target, axons in hears.items():
        use["fan-in"][target] = len(axons)
    return use


def plain_violations(graph, core, limits):
    """Set of (resource, where, needed, available)."""
    use = plain_use(graph, core, limits.list_bits)
    given = [
        ("neurons", "core", use["neurons"], limits.neurons),
        ("axons in", "core", use["axons in"], limits.axons_in),
        ("axons out", "core", use["axons out"], limits.axons_out),
        ("axons out", "neuron", use["of neuron"], limits.axons_per_neuron),
        ("fan-in", "neuron", use["fan-in"], limits.fan_in),
        ("synapse memory", "core", use["synapse memory"], limits.synapse_bits),
    ]
    return {
        (resource, f"{place} {number}", amount, limit)
        for resource, place, amounts, limit in given
        if limit is not None
        for number, amount in amounts.items()
        if amount > limit
    }


def plain_messages(graph, core):
    """Messages from core to core, those from outside (-1) included: a dictionary of pairs."""
    spikes = [1.0] * graph.neurons if graph.spikes is None else graph.spikes.tolist()
    made = Counter()
    for axon, c in {(axon, int(core[target])) for axon, target in plain_axons(graph)}:
        made[int(core[axon[0]]), c] += spikes[axon[0]]
    return made


def plain_between(graph, core):
    """Messages that leave their core."""
    return sum(amount for (a, b), amount in plain_messages(graph, core).items() if a != b)


def plain_walk(x, y, to_x, to_y, columns_first):
    """The links that a message crosses, as pairs of routers."""
    links = []

    def step(dx, dy):
        nonlocal x, y
        links.append(((x, y), (x + dx, y + dy)))
        x, y = x + dx, y + dy

    for along_x in (columns_first, not columns_first):
        if along_x:
            while x != to_x:
                step(1 if to_x > x else -1, 0)
        else:
            while y != to_y:
                step(0, 1 if to_y > y else -1)
    return links


def plain_traffic(graph, core, router, columns_first):
    """Load of each link, and the histogram of hops; `router` is the (x, y) of each core."""
    load, histogram = Counter(), Counter()
    for (a, b), amount in plain_messages(graph, core).items():
        if a < 0:
            continue
        links = plain_walk(*router[a], *router[b], columns_first)
        histogram[len(links)] += amount
        for link in links:
            load[link] += amount
    return load, histogram

"""SANA-FE's leaky neurons and its convolution in plain Python, from their description. Shares no code."""


def plain_run(neurons, computed, synapses, train, ticks):
    """(spikes by tick, updated by tick, potentials at the end); synapses are (source, target, weight)."""
    v = [each["potential"] for each in neurons]
    current, left = [0.0] * len(neurons), [0] * len(neurons)
    arrived: list[list[float]] = [[] for _ in neurons]
    spikes, updates = [], []
    for tick in range(1, ticks + 1):
        fired, busy = [n for at, n in train if at == tick], []
        for n, own in enumerate(neurons):
            if not computed[n]:
                continue
            update = bool(v[n] or arrived[n] or own["bias"] or own["forced"])
            if tick > 1:
                v[n], current[n] = v[n] * own["leak"], current[n] * own["input_decay"]
            v[n] = int(v[n] * 64) / 64
            if left[n] == 0:
                v[n] += own["bias"]
                current[n] += sum(arrived[n], 0.0)
                v[n] += current[n]
                if v[n] > own["threshold"]:
                    v[n] = [v[n], own["reset"], v[n] - own["threshold"], v[n]][own["mode"]]
                    left[n] = own["refractory"]
                    fired.append(n)
                    update = True
                if v[n] < own["low_threshold"]:
                    low = own["low_threshold"]
                    v[n] = [v[n], own["low_reset"], v[n] - low, low][own["low_mode"]]
            left[n] = max(0, left[n] - 1)
            if update:
                busy.append(n)
        arrived = [[] for _ in neurons]
        for n in sorted(fired):
            for source, target, weight in synapses:
                if source == n:
                    arrived[target].append(weight)
        spikes.append(sorted(fired))
        updates.append(busy)
    return spikes, updates, v


def plain_convolution(shape, weights):
    """{(source, target): weight}; channels first for neurons, channels last for weights."""
    made = {}
    out_x = (shape["input_width"] - shape["kernel_width"]) // shape["stride_width"] + 1
    out_y = (shape["input_height"] - shape["kernel_height"]) // shape["stride_height"] + 1
    at = 0
    for row in range(shape["kernel_height"]):
        for column in range(shape["kernel_width"]):
            for of in range(shape["input_channels"]):
                for to in range(shape["kernel_count"]):
                    for y in range(out_y):
                        for x in range(out_x):
                            from_y = y * shape["stride_height"] + row
                            from_x = x * shape["stride_width"] + column
                            source = from_x + shape["input_width"] * (from_y + shape["input_height"] * of)
                            made[source, x + out_x * (y + out_y * to)] = weights[at]
                    at += 1
    return made

"""Loihi's neurons and synapses once more, in plain whole numbers: one neuron, one synapse, one tick at a time."""


def toward_zero(x, decay):
    """What is left of x after a tick: the size is rounded down."""
    left = abs(x) * (4096 - decay) // 4096
    return left if x > 0 else -left


def keep_in(x, bits):
    """x in a register of that many bits that wraps; None: as wide as need be."""
    if bits is None:
        return x
    x %= 2**bits
    return x - 2**bits if x >= 2 ** (bits - 1) else x


def fold(x):
    """Lava's way to wrap u: by one period of 2^24, once."""
    if x > 2**23:
        return x - 2**24
    if x <= -(2**23):
        return x + 2**24
    return x


def half_even(top, bottom):
    """top / bottom, rounded to the nearest whole number, halves to the even one."""
    whole, rest = divmod(top, bottom)
    if 2 * rest > bottom or (2 * rest == bottom and whole % 2):
        whole += 1
    return whole


def rounded_mantissa(mantissa, exponent, bits, sign, way):
    """The mantissa that is stored: "down", "zero" or "near"."""
    step = 2 ** (8 - bits + (1 if sign == "mixed" else 0))
    if way == "zero" or (way == "down" and sign == "inhibitory"):
        size = abs(mantissa) // step * step
        return size if mantissa > 0 else -size
    if way == "down":
        return mantissa // step * step
    most = 256 // step - 1
    count = max(-most, min(most, half_even(mantissa, step)))
    if exponent < 0 and step * 2**exponent < 1:
        coarse = 2**-exponent // step
        count = max(-most, min(most, half_even(count, coarse) * coarse))
    return count * step


def times_two_to(mantissa, exponent):
    """mantissa 2^exponent, rounded down, in the unit of u."""
    return 64 * (mantissa * 2**exponent if exponent >= 0 else mantissa // 2**-exponent)


# way of rounding a mantissa, largest weight, whether sums are shifted, lag of inputs, offset of the decay of u, bits of
# the input and of u ("fold": Lava's) and of u + bias, bounds of v, what v shows while it is held
PLAIN = {
    "lava": ("down", None, True, 1, 1, None, "fold", None, -(2**23) + 1, 2**23 - 1, 0),
    "brian2loihi": ("zero", 2**21 - 64, False, 0, 0, None, None, None, None, None, 0),
    "nengo_loihi": ("near", None, False, 1, 1, 22, 24, 24, 0, 2**23 - 1, 0),
    "silicon": ("zero", 2**21 - 64, False, 1, 1, 22, 24, 24, -(2**23) + 1, 2**23 - 1, 128),
}


def plain_loihi(neurons, groups, spikes, ticks, dialect):
    """(u, v, spikes, synaptic events): u and v as a list of lists, spikes as a list of (tick, neuron).

    neurons  dicts of decay_u, decay_v, threshold, bias_mantissa, bias_exponent, refractory, u, v
    groups   dicts of exponent, bits, sign, and synapses: (source, target, mantissa, delay); sources from len(neurons)
             on are inputs
    spikes   (tick, input) from outside
    """
    way, most, sums, lag, offset, input_bits, u_bits, drive_bits, low, high, code = PLAIN[dialect]
    u, v = [n["u"] for n in neurons], [n["v"] for n in neurons]
    free = [0] * len(neurons)  # first tick at which v goes on
    arriving, us, vs, fired, events = {}, [], [], [], 0

    def send(sources, tick):
        count = 0
        for group in groups:
            exponent, together = group["exponent"], {}
            for source in sources:
                for origin, target, mantissa, delay in group["synapses"]:
                    if origin == source:
                        count += 1
                        stored = rounded_mantissa(mantissa, exponent, group["bits"], group["sign"], way)
                        place = tick + delay, target
                        if sums:
                            together[place] = together.get(place, 0) + stored
                        else:
                            weight = times_two_to(stored, exponent)
                            weight = weight if most is None else max(-most, min(most, weight))
                            arriving[place] = arriving.get(place, 0) + weight
            for place, sum_ in together.items():
                arriving[place] = arriving.get(place, 0) + times_two_to(sum_, exponent)
        return count

    for tick in range(1, ticks + 1):
        outside = [len(neurons) + who for when, who in spikes if when == tick]
        if lag == 0:
            events += send(outside, tick)
        now = []
        for n, p in enumerate(neurons):
            q = keep_in(arriving.pop((tick, n), 0), input_bits)
            u[n] = toward_zero(u[n], p["decay_u"] + offset) + q
            u[n] = fold(u[n]) if u_bits == "fold" else keep_in(u[n], u_bits)
            if tick < free[n]:
                continue
            v[n] = toward_zero(v[n], p["decay_v"])
            v[n] += keep_in(u[n] + p["bias_mantissa"] * 2 ** p["bias_exponent"], drive_bits)
            v[n] = v[n] if low is None else max(low, min(high, v[n]))
            if v[n] > 64 * p["threshold"]:
                v[n], free[n] = 0, tick + p["refractory"]
                now.append(n)
        us.append(list(u))
        vs.append([v[n] + code * max(free[n] - tick, 0) for n in range(len(neurons))])
        fired += [(tick, n) for n in now]
        events += send(now + (outside if lag == 1 else []), tick + 1)
    return us, vs, fired, events

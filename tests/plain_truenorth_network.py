"""A network of TrueNorth's neurons without cores: any neuron may send to any other, with any weight.

Plain Python, one synapse after the other; it shares no code with what it checks. In every tick, for every neuron:

    1. events add their weights;  2. a spike where that is at the threshold;  3. without one, the leak:
       a step towards 0, from both sides;  a step down that ends at the floor;  or a step up

In the ticks of its refractory time a neuron hears nothing and stays where it was reset to.
"""


def plain_network(neurons, synapses, inputs, ticks):
    """Spikes (tick, neuron) of ticks 1 to `ticks`, as a set.

    neurons   by number: (threshold before the leak, leak, towards 0 or not, reset, floor, start, refractory time in
              ticks, whether what falls below the floor stays there or is 0)
    synapses  (source, target, delay, weight)
    inputs    (tick, source) of sources; two in one tick are one
    """
    out = {}
    for source, target, delay, weight in synapses:
        out.setdefault(source, []).append((target, delay, weight))
    arriving, spikes = {}, set()

    def send(source, tick):
        for target, delay, weight in out.get(source, ()):
            slot = arriving.setdefault(tick + delay, {})
            slot[target] = slot.get(target, 0) + weight

    for tick, source in set(inputs):
        send(source, tick)
    v = {n: start for n, (*_, start, _, _) in neurons.items()}
    until = dict.fromkeys(neurons, 0)
    for tick in range(1, ticks + 1):
        now = arriving.pop(tick, {})
        fired = []
        for n, (threshold, leak, towards, reset, floor, _, hold, stays) in neurons.items():
            if tick <= until[n]:
                continue
            x = v[n] + now.get(n, 0)
            if x >= threshold:
                fired.append(n)
                v[n], until[n] = reset, tick + hold
                continue
            if towards:
                x += leak if x > 0 else -leak if x < 0 else 0
            else:
                x += leak
            v[n] = x if x >= -floor else -floor if stays else 0
        for n in fired:
            spikes.add((tick, n))
            send(n, tick)
    return spikes

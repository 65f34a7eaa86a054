"""Scale-and-fire neurons and integrate-and-fire neurons in plain numbers, one neuron at a time."""

from fractions import Fraction


def spikes(current, threshold, low, high):
    """Thresholds crossed one by one, from a start at half of one: how many, and of which sign."""
    count, potential = 0, Fraction(current) + Fraction(threshold) / 2
    while potential >= threshold and count < high:
        potential -= threshold
        count += 1
    while potential < 0 and count > low:
        potential += threshold
        count -= 1
    return count


def steps(current, threshold, start, count):
    """Spikes of an integrate-and-fire neuron that hears the same current in each of `count` steps."""
    potential, made = Fraction(start), 0
    for _ in range(count):
        potential += Fraction(current)
        if potential >= threshold:
            potential -= threshold
            made += 1
    return made


def events(count, form):
    """The events that carry a count, as a list of sizes."""
    sign = 1 if count >= 0 else -1
    if form == "graded":
        return [count] if count else []
    if form == "unary":
        return [sign] * abs(count)
    return [sign << bit if sign > 0 else -(1 << bit) for bit in range(abs(count).bit_length()) if abs(count) >> bit & 1]

"""Loihi's learning once more, in plain numbers: one synapse, tick and product at a time, from the rule's strings."""

import math
import re
from fractions import Fraction
from functools import cache

# How a trace fades, whether it is rounded at each tick, how changes are added up, whether learned weights keep the grid
# of their format, the epoch (modulo 2^k) of u<k>, bounds of weights by sign, largest delay
MODELS = {
    "lava": ("exp", True, "shifted", False, 0, {"mixed": (-256, 255), "+": (0, 255), "-": (-255, 0)}, 255),
    "brian2loihi": ("first", True, "away", True, 1, {"mixed": (-256, 254), "+": (0, 255), "-": (-256, 0)}, 62),
    "silicon": ("exp", False, "exact", True, 0, {"mixed": (-256, 254), "+": (0, 255), "-": (-255, 0)}, 62),
}
PURPOSE = {"x1": 0, "x2": 1, "y1": 2, "y2": 3, "y3": 4, "r1": 5, "w": 6, "d": 7, "t": 8}
WIDTH = {
    "x1": 7,
    "x2": 7,
    "y1": 7,
    "y2": 7,
    "y3": 7,
    "r1": 7,
    "w": 9,
    "d": 9,
    "t": 9,
    "x0": 1,
    "y0": 1,
    "r0": 1,
    "u": 1,
}


def round_by_chance(value, word):
    """A number rounded up where a random word, of 2^32, is below its fraction."""
    whole = math.floor(value)
    return whole + (1 if word < (value - whole) * 2**32 else 0)


def left_after(value, tau, ticks, how):
    """What is left of a trace."""
    kept = math.exp(-ticks / tau) if how == "exp" else (1 - 1 / tau) ** ticks
    return value * kept


def history(start, times, impulse, tau, model, draw, name, number, before, epoch, told):
    """The values of a trace at ticks 0 to `epoch` of an epoch, spikes at some of them; told: values set by hand."""
    how, every_tick = MODELS[model][:2]
    times = sorted(set(times))
    value = start
    for _ in times[:-1]:  # of several spikes only the last has its time
        value = min(127, value + impulse)
    values, base, since = [value], value, 0
    for step in range(1, epoch + 1):
        word = draw(PURPOSE[name], number, before + step)
        old, ticks = (value, 1) if every_tick else (base, step - since)
        size = round_by_chance(left_after(abs(old), tau, ticks, how), word)
        value = size if old >= 0 else -size
        if times and step == times[-1]:
            value = min(127, value + impulse)
            base, since = value, step
        if step in told:
            value = told[step]
            base, since = value, step
        values.append(value)
    return values


@cache
def parts_of(text, signs):
    """Pieces of a string between some signs outside brackets, a leading sign kept with its piece."""
    pieces, depth, last = [""], 0, ""
    for letter in text.replace(" ", ""):
        depth += (letter == "(") - (letter == ")")
        if letter in signs and depth == 0 and last not in ("^", "") and pieces[-1]:
            pieces.append("" if letter == "*" else letter)
        else:
            pieces[-1] += letter
        last = letter
    return pieces


@cache
def code_of(factor):
    """A factor that is no number, as Python's code."""
    return compile(factor.replace("sgn", "sign_of"), "factor", "eval")


def whole(factor, known):
    """Its value."""
    return eval(code_of(factor), {"sign_of": lambda x: (x > 0) - (x < 0)}, known)


def product(text, model, view, u):
    """A product, as a part of a mantissa, exact but for what Lava shifts off."""
    sign = -1 if text[0] == "-" else 1
    scale, pieces, condition = Fraction(sign), [], None
    for piece in parts_of(text.lstrip("+-"), "*"):
        number = re.fullmatch(r"(\d+)(?:\^([+-]?\d+))?", piece)
        if number:
            scale *= Fraction(int(number[1])) ** int(number[2] or 1)
        elif condition is None and re.fullmatch(r"[xyr]0|u\d", piece):
            condition = piece
        else:
            pieces.append(piece)
    known = view(condition)
    if known is None or (condition[0] == "u" and not u):
        return 0
    known["u"] = 1
    if MODELS[model][2] != "shifted":
        result = scale
        for piece in pieces:
            result *= whole(piece, known)
        return result
    exponent = 0  # Lava: as few shifts as make the mantissa one of 4 bits
    while scale.denominator > 1:
        scale, exponent = scale * 2, exponent - 1
    while not -8 <= scale < 8:
        scale, exponent = scale / 2, exponent + 1
    result, bits = 1, 4
    for piece in pieces:
        width = WIDTH[re.search(r"[xyr]\d|[wdtu]", piece.replace("sgn", ""))[0]]
        value = whole(piece, known)
        result, bits = result * max(-(2**width), min(2**width - 1, value)), bits + width
    result = math.floor(result * scale / 2 ** max(0, bits - 15)) * 2 ** (exponent + 7)
    return Fraction(max(-(2**15) - 1, min(2**15 - 1, result)), 128)


def changed(old, sum_of, model, word, grid, low, high, *, positive, negative):
    """A variable with its change."""
    how = MODELS[model][2]
    if how == "away":
        total = sum(sum_of, Fraction(0))
        size = math.ceil(abs(total))
        steps = round_by_chance(Fraction(size, grid), word) * grid
        new = old + (steps if total >= 0 else -steps)
    elif how == "exact":
        total = max(-(2**15), min(2**15 - 1, math.floor((old + sum(sum_of, Fraction(0))) * 128)))
        new = round_by_chance(Fraction(total, 128 * grid), word) * grid
    else:
        total = old * 128
        for part in sum_of:
            total = max(-(2**15) - 1, min(2**15 - 1, total + part * 128))
        total = max(0, total) if positive else min(0, total) if negative else total
        new = round_by_chance(Fraction(total, 128), word)
    return max(low, min(high, new))


def plain_learning(synapses, rule, spikes, ticks, model, draw, *, sign, dropped, first=0, rewards=(), told=None):
    """What each synapse holds after each epoch: a list of lists of (w, d, t); and the traces at the end.

    synapses  (source, target, w, d, t)
    rule      dict of dw, dd, dt (strings as they are printed, or absent), traces {name: (impulse, tau)}, epoch
    spikes    (tick, number) as learning knows them
    draw      random word of (purpose, number, tick)
    rewards   numbers whose spikes are reward; told: {tick: r1}
    """
    _, _, _, keeps, offset, bounds, delay_most = MODELS[model]
    told, epoch, traces = told or {}, rule["epoch"], rule["traces"]
    grid = 2**dropped if keeps else 1
    low, high = bounds[sign]
    if model == "silicon":
        low, high = -(-low // grid) * grid, high // grid * grid
    state = [list(synapse[2:]) for synapse in synapses]
    now, out = {}, []
    for end in range(epoch, ticks + 1, epoch):
        before = end - epoch
        at, pasts = {}, {}
        for tick, number in spikes:
            if before < tick <= end:
                at.setdefault(number, []).append(tick - before)
                if number in rewards:
                    at.setdefault("reward", []).append(tick - before)
        here = {tick - before: value for tick, value in told.items() if before < tick <= end}
        for name, (impulse, tau) in traces.items():
            owners = ["reward"] if name == "r1" else sorted({s[name[0] == "y"] for s in synapses})
            for owner in owners:
                pasts[name, owner] = history(
                    now.get((name, owner), 0), at.get(owner, []), impulse, tau, model, draw, name,
                    0 if name == "r1" else owner, before, epoch, here if name == "r1" else {},
                )  # fmt: skip
        now = {key: values[-1] for key, values in pasts.items()}
        reward_times = at.get("reward", []) + list(here)
        for number, (source, target, *_) in enumerate(synapses):
            w, d, t = state[number]
            times = {"x0": at.get(source, []), "y0": at.get(target, []), "r0": reward_times}

            def view(condition, source=source, target=target, w=w, d=d, t=t, times=times, pasts=pasts):
                if condition in times and not times[condition]:
                    return None
                step = max(times[condition]) if condition in times else epoch
                owner = {"x": source, "y": target, "r": "reward"}
                known = {name: pasts[name, owner[name[0]]][step] for name in traces}
                known |= {name: int(bool(when)) for name, when in times.items()}
                return known | {"w": w, "d": d, "t": t}

            for place, (name, least, most, step) in enumerate(
                (("w", low, high, grid), ("d", 0, delay_most, 1), ("t", -256, 255, 1))
            ):
                text = rule.get(f"d{name}")
                if text is None:
                    continue
                k = re.search(r"u(\d)", "".join(rule.get(f"d{x}") or "" for x in "wdt"))
                u = k is not None and (end // epoch - offset) % 2 ** int(k[1]) == 0
                sums = [product(part, model, view, u) for part in parts_of(text, "+-")]
                # A synapse to which nothing happens stays as it is.
                word = draw(PURPOSE[name], first + number, end)
                if any(sums):
                    state[number][place] = changed(
                        (w, d, t)[place], sums, model, word, step, least, most,
                        positive=(name == "w" and sign == "+") or name == "d", negative=name == "w" and sign == "-",
                    )  # fmt: skip
        out.append([tuple(each) for each in state])
    return out, now

"""Plain twins of sheets: words joined by hand, permutations multiplied, balls and isomorphisms by trying."""

from __future__ import annotations

from itertools import product


def plain_classes(actions, relations, longest):
    """Class of every word of at most `longest` actions, two words being in one if a chain of such words joins them.

    One word is joined to the next by leaving out a part that is a rotation of a relation.
    """
    words = [word for length in range(longest + 1) for word in product(range(actions), repeat=length)]
    parent = {word: word for word in words}

    def find(word):
        while parent[word] != word:
            word = parent[word]
        return word

    returning = {word[turn:] + word[:turn] for word in relations for turn in range(len(word))}
    for word in words:
        for part in returning:
            for place in range(len(word) - len(part) + 1):
                if word[place : place + len(part)] == part:
                    one, other = find(word), find(word[:place] + word[place + len(part) :])
                    if one != other:
                        parent[max(one, other, key=lambda w: (len(w), w))] = min(one, other, key=lambda w: (len(w), w))
    return {word: find(word) for word in words}


def plain_ball(classes, actions, radius):
    """Ball of `radius` as a dictionary: (number, action) to number, numbered as met breadth first."""
    order = [classes[()]]
    depth = {order[0]: 0}
    for word in order:
        for action in range(actions):
            if depth[word] < radius:
                ahead = classes[(*word, action)]
                if ahead not in depth:
                    depth[ahead] = depth[word] + 1
                    order.append(ahead)
    return {
        (order.index(word), action): order.index(classes[(*word, action)])
        for word in order
        for action in range(actions)
        if classes[(*word, action)] in depth
    }


def edges(sheet):
    """The same dictionary, of a sheet."""
    return {
        (cell, action): int(sheet.target[cell, action])
        for cell in range(sheet.cells)
        for action in range(sheet.actions)
        if sheet.target[cell, action] >= 0
    }


def times(one, other):
    """First one permutation, then the other."""
    return tuple(other[image] for image in one)


def plain_group(generators):
    """Elements in the order of a breadth-first walk, and each one's words: (elements, word by element)."""
    one = tuple(range(len(generators[0])))
    word = {one: ()}
    order = [one]
    for element in order:
        for letter, generator in enumerate(generators):
            ahead = times(element, generator)
            if ahead not in word:
                word[ahead] = (*word[element], letter)
                order.append(ahead)
    return order, word


def plain_presentation(generators):
    """Relations that define the group of these permutations: round every action from every element, and back home."""
    order, word = plain_group(generators)
    one = order[0]

    def power_to_one(letter):
        element, count = generators[letter], 1
        while element != one:
            element, count = times(element, generators[letter]), count + 1
        return count

    orders = [power_to_one(letter) for letter in range(len(generators))]
    relations = {(letter,) * orders[letter] for letter in range(len(generators))}
    for element in order:
        for letter, generator in enumerate(generators):
            back = word[times(element, generator)]
            undo = tuple(a for a in reversed(back) for _ in range(orders[a] - 1))
            relations.add((*word[element], letter, *undo))
    return relations - {()}


def plain_agreement(target, symbols, commands, longest):
    """(claimed, broken, shown, unknown, most denials), every word of the life by itself, from the definition."""
    claimed = broken = shown = unknown = 0
    verdicts = []
    for begin in range(len(commands)):
        for length in range(1, longest + 1):
            word = commands[begin : begin + length]
            felt = symbols[begin : begin + length + 1]
            if len(word) < length:
                continue
            cells = [0]
            for action in word:
                cells.append(-1 if cells[-1] < 0 else target[cells[-1]][action])
            lost = any(cell < 0 for cell in cells)
            stopped = any(felt[k] == felt[k + 1] and cells[k] != cells[k + 1] for k in range(length))
            earlier = any(cells[k] == 0 or felt[k] == felt[0] for k in range(1, length))
            if lost or stopped or earlier:
                continue
            claimed += cells[-1] == 0
            if cells[-1] == 0:
                verdicts.append((tuple(word), felt[-1] != felt[0]))
            broken += cells[-1] == 0 and felt[-1] != felt[0]
            shown += felt[-1] == felt[0]
            unknown += felt[-1] == felt[0] and cells[-1] != 0
    words = {word for word, _ in verdicts}
    excess = [verdicts.count((word, True)) - verdicts.count((word, False)) for word in words]
    return claimed, broken, shown, unknown, max([0, *excess])

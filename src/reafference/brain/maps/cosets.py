"""From relations to a sheet: coset enumeration, bounded by a radius.

The method of Todd and Coxeter (1936, Proc. Edinburgh Math. Soc. 5:26-34) over the trivial subgroup, in the
relator-based form of Holt, Eick and O'Brien, *Handbook of Computational Group Theory* (2005), section 5.2: every
relation is read round at every cell; what is missing on its way is added, and where it does not end in its beginning,
two cells are one. A group without end has cells without end, so cells are read in the order of their distance from the
origin, up to `radius` and a margin, and then once more with a wider margin: the sheet is done when that changes
nothing within `radius`.

Every identification follows from the relations. That none is missing cannot be known in general (the word problem has
no solution for all groups, Novikov 1955); the second reading is the evidence that none is. Where equal words are equal
by way of words that stay near, as in the plane, the margin of the longest relation is enough.

An action needs no action that undoes it. Each cell keeps, beside where an action leads, where it came from; an action
that is part of any relation is undone by the rest of that relation, and one that is part of none makes a tree.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from reafference.brain.maps.sheet import BEYOND, Sheet

Word = tuple[int, ...]
MOST_CELLS = 200_000
"""Cells that an unrolling may make, unless said otherwise; a plane to radius 100 needs about 30,000."""


class SheetTooLarge(ValueError):
    """The relations leave more cells within the radius than are allowed."""

    def __init__(self, limit: int, radius: int, reached: int):
        self.limit, self.radius, self.reached = limit, radius, reached
        super().__init__(
            f"the sheet to radius {radius} needs more than {limit} cells: they were used up {reached} actions from the "
            "origin. Too few relations let cells grow like the branches of a tree: babble for longer, or with longer "
            "motifs; or ask for a smaller radius, or raise most_cells."
        )


def checked_words(actions: int, words: Iterable[Sequence[int]]) -> list[Word]:
    """Return the words as tuples, each once, shortest first; raise ValueError at one that is none."""
    if actions < 1:
        raise ValueError(f"actions = {actions}; a body has at least 1.")
    kept = {tuple(int(action) for action in word) for word in words}
    for word in kept:
        if not word or not all(0 <= action < actions for action in word):
            raise ValueError(f"relation {word} is not a word of actions 0 to {actions - 1}.")
    return sorted(kept, key=lambda word: (len(word), word))


def unroll(actions: int, words: Iterable[Sequence[int]], radius: int, most_cells: int = MOST_CELLS) -> Sheet:
    """Return the sheet in which every one of `words` returns from everywhere, and no more than follows from that.

    actions     number of actions, at least 1
    words       relations: each a word of actions (0 to actions - 1) that returns
    radius      cells within so many actions of the origin
    most_cells  cells that may be made on the way, merged ones included

    Words that shorter ones imply are left out first (`essential`): a long word makes many cells that are merged later.
    Raises `SheetTooLarge` if `most_cells` is not enough, ValueError at a word that is none.
    """
    if radius < 0:
        raise ValueError(f"radius = {radius}; it must be at least 0.")
    relations = essential(actions, words)
    table = CosetTable(actions, relations, most_cells, radius)
    margin = (max((len(word) for word in relations), default=0) + 1) // 2
    reading = radius + margin
    table.read_within(reading)
    sheet = table.ball(radius)
    while True:
        reading += max(1, margin)
        table.read_within(reading)
        wider = table.ball(radius)
        if np.array_equal(wider.target, sheet.target):
            return wider
        sheet = wider


def essential(actions: int, words: Iterable[Sequence[int]], most_cells: int = MOST_CELLS // 10) -> list[Word]:
    """Return those words, shortest first, that the shorter ones before them do not imply.

    A word that needs a longer argument than the margin of `unroll`, or more than `most_cells` cells, is kept: that
    costs time in reading it and changes nothing in the sheet.
    """
    kept: list[Word] = []
    for word in checked_words(actions, words):
        if not implied(actions, kept, word, most_cells):
            kept.append(word)
    return kept


def implied(actions: int, words: Sequence[Word], word: Word, most_cells: int) -> bool:
    """Return whether `words` were found to imply that `word` returns; False may also mean that it was not found."""
    if not words:
        return False
    table = CosetTable(actions, words, most_cells, len(word))
    try:
        table.follow(word)
        table.read_within((len(word) + 1) // 2 + (max(len(known) for known in words) + 1) // 2)
        return table.follow(word) == table.live(0)
    except SheetTooLarge:
        return False


class CosetTable:
    """Cells under enumeration; each has, for every action, the cell ahead and the cell behind, or -1 where unknown."""

    def __init__(self, actions: int, relations: Sequence[Word], most_cells: int, radius: int):
        self.actions, self.relations = actions, relations
        self.most_cells, self.radius = most_cells, radius
        self.ahead: list[list[int]] = []
        self.behind: list[list[int]] = []
        self.same_as: list[int] = []  # union-find forest: a cell that was merged names one with a smaller number
        self.was_read: list[bool] = []
        self.reading = 0
        self.make()

    def make(self) -> int:
        """Add a cell and return its number."""
        if len(self.ahead) >= self.most_cells:
            raise SheetTooLarge(self.most_cells, self.radius, self.reading)
        self.ahead.append([BEYOND] * self.actions)
        self.behind.append([BEYOND] * self.actions)
        self.same_as.append(len(self.same_as))
        self.was_read.append(False)
        return len(self.same_as) - 1

    def live(self, cell: int) -> int:
        """Return the cell that `cell` has become."""
        root = cell
        while self.same_as[root] != root:
            root = self.same_as[root]
        while self.same_as[cell] != root:
            self.same_as[cell], cell = root, self.same_as[cell]
        return root

    def step(self, cell: int, action: int) -> int:
        """Return the cell ahead, made if there is none."""
        target = self.ahead[cell][action]
        if target == BEYOND:
            target = self.make()
            self.ahead[cell][action] = target
            self.behind[target][action] = cell
        return target

    def follow(self, word: Word) -> int:
        """Return the cell at the end of `word` from the origin, cells made as needed."""
        cell = self.live(0)
        for action in word:
            cell = self.step(cell, action)
        return cell

    def read(self, cell: int, word: Word) -> None:
        """Read a relation round at `cell`: make it end where it began."""
        front, first = cell, 0
        while first < len(word) and self.ahead[front][word[first]] != BEYOND:
            front = self.ahead[front][word[first]]
            first += 1
        back, last = cell, len(word)
        while last > first and self.behind[back][word[last - 1]] != BEYOND:
            back = self.behind[back][word[last - 1]]
            last -= 1
        if first == last:
            if front != back:
                self.merge(front, back)
            return
        for action in word[first : last - 1]:
            front = self.step(front, action)
        self.ahead[front][word[last - 1]] = back
        self.behind[back][word[last - 1]] = front

    def merge(self, one: int, other: int) -> None:
        """Make two cells one, and with them whatever follows: one action leads from one cell to one cell, and back."""
        waiting = deque([(one, other)])
        while waiting:
            kept, gone = sorted(map(self.live, waiting.popleft()))
            if kept == gone:
                continue
            self.same_as[gone] = kept
            for action in range(self.actions):
                target, source = self.ahead[gone][action], self.behind[gone][action]
                # The merged cell's ends are taken out of the table before they are put to the kept one.
                if target != BEYOND:
                    self.behind[target][action] = BEYOND
                if source != BEYOND:
                    self.ahead[source][action] = BEYOND
                for here, there in ((kept, target), (source, kept)):
                    if BEYOND not in (here, there):
                        self.join(self.live(here), action, self.live(there), waiting)

    def join(self, source: int, action: int, target: int, waiting: deque[tuple[int, int]]) -> None:
        """Note that `action` leads from `source` to `target`; what was noted there before goes to `waiting`."""
        known, came_from = self.ahead[source][action], self.behind[target][action]
        if known != BEYOND:
            waiting.append((known, target))
        if came_from != BEYOND:
            waiting.append((came_from, source))
        if known == BEYOND and came_from == BEYOND:
            self.ahead[source][action] = target
            self.behind[target][action] = source

    def depths(self) -> dict[int, int]:
        """Return the fewest actions from the origin to every cell that is left."""
        origin = self.live(0)
        depth = {origin: 0}
        order = [origin]
        for cell in order:
            for target in self.ahead[cell]:
                if target != BEYOND and target not in depth:
                    depth[target] = depth[cell] + 1
                    order.append(target)
        return depth

    def read_within(self, radius: int) -> None:
        """Read every relation at every cell within `radius` actions, and give these cells all their actions."""
        while True:
            todo = [
                (cell, depth) for cell, depth in self.depths().items() if depth <= radius and not self.was_read[cell]
            ]
            if not todo:
                return
            for cell, self.reading in todo:  # breadth first
                self.read_all(cell)

    def read_all(self, cell: int) -> None:
        """Read every relation at one cell, unless it is merged away on the way."""
        self.was_read[cell] = True
        for word in self.relations:
            if self.same_as[cell] != cell:
                return
            self.read(cell, word)
        if self.same_as[cell] == cell:
            for action in range(self.actions):
                self.step(cell, action)

    def ball(self, radius: int) -> Sheet:
        """Return the cells within `radius` actions of the origin, all of which must have been read."""
        inside = [cell for cell, depth in self.depths().items() if depth <= radius]
        number = {cell: place for place, cell in enumerate(inside)}
        target: NDArray[np.int32] = np.array(
            [[number.get(ahead, BEYOND) for ahead in self.ahead[cell]] for cell in inside], np.int32
        )
        return Sheet(target)

"""Rooms of places, written for reading: coordinates, sets and words."""

STEPS = {"north": (-1, 0), "east": (0, 1), "south": (1, 0), "west": (0, -1)}
CLOCKWISE = ["north", "east", "south", "west"]


class PlainRoom:
    """A body that walks on a plane or a torus; `walls` holds the pairs of places that a wall stands between."""

    def __init__(self, rows, columns, walls, torus, symbols, place, heading="north"):
        self.rows, self.columns, self.walls, self.torus, self.symbols = rows, columns, walls, torus, symbols
        self.place, self.heading = place, heading

    def beyond(self, place, direction):
        """Return the place that lies there, or None outside."""
        row, column = place[0] + STEPS[direction][0], place[1] + STEPS[direction][1]
        if self.torus:
            return row % self.rows, column % self.columns
        return (row, column) if 0 <= row < self.rows and 0 <= column < self.columns else None

    def walk(self, direction):
        there = self.beyond(self.place, direction)
        if there is not None and frozenset([(self.place, direction), (there, back(direction))]) not in self.walls:
            self.place = there

    def act(self, action):
        """Do an action by its name; return the symbol."""
        turn = CLOCKWISE.index(self.heading)
        if action == "turn left":
            self.heading = CLOCKWISE[turn - 1]
        elif action == "turn right":
            self.heading = CLOCKWISE[(turn + 1) % 4]
        else:
            self.walk(self.heading if action == "forward" else action)
        return self.symbols[self.place]


def back(direction):
    return {"north": "south", "south": "north", "east": "west", "west": "east"}[direction]


def walls_of(passages, rows, columns, torus):
    """Return the passages inside a room that are closed from both sides, and those that are from one side only."""
    empty = PlainRoom(rows, columns, set(), torus, {}, None)
    walls, one_sided = set(), set()
    for place in [(row, column) for row in range(rows) for column in range(columns)]:
        for number, direction in enumerate(CLOCKWISE):
            there = empty.beyond(place, direction)
            if there is None or there == place:
                continue
            here_closed = passages[place[0] * columns + place[1]][number] == place[0] * columns + place[1]
            there_index = there[0] * columns + there[1]
            there_closed = passages[there_index][CLOCKWISE.index(back(direction))] == there_index
            wall = frozenset([(place, direction), (there, back(direction))])
            if here_closed and there_closed:
                walls.add(wall)
            elif here_closed or there_closed:
                one_sided.add(wall)
    return walls, one_sided


def plain_pairs_apart(target, symbol):
    """Return the pairs of poses that some word tells apart, by filling the table of all pairs."""
    poses = range(len(symbol))
    pairs = [(one, other) for one in poses for other in poses]
    apart = {pair for pair in pairs if symbol[pair[0]] != symbol[pair[1]]}
    while True:
        more = {
            (one, other)
            for one, other in pairs
            if (one, other) not in apart
            and any((after, instead) in apart for after, instead in zip(target[one], target[other], strict=True))
        }
        if not more:
            return apart
        apart |= more


def plain_reached(target, start):
    """Return the poses that words of actions lead to from `start`."""
    found, front = {start}, [start]
    while front:
        for pose in target[front.pop()]:
            if pose not in found:
                found.add(pose)
                front.append(pose)
    return found

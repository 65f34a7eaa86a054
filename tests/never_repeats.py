"""A world that shows something new at every step; importing this file registers it."""

import gymnasium


class NeverRepeats(gymnasium.Env):
    def __init__(self):
        self.action_space = gymnasium.spaces.Discrete(4)
        self.observation_space = gymnasium.spaces.Text(20)
        self.steps = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return str(self.steps), {}

    def step(self, action):
        self.steps += 1
        return str(self.steps), 0.0, False, False, {}


gymnasium.register(id="NeverRepeats-v0", entry_point="never_repeats:NeverRepeats")

"""Maps of worlds from sequences of symbols and the agent's own actions."""

"""Maps of places that look alike, from a body's own commands and what the world shows after each."""

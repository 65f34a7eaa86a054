"""What the engine's workloads share. Needs numpy alone: it runs in the environment of every simulator."""

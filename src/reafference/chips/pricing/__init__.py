"""From counts of work to a bill, one file for each family of chips. Pure functions; no chip is run here."""

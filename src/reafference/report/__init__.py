"""What a life looks like to people: a page to open, a table for the terminal."""

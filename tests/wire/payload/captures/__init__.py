"""Captures of real stacks, and the programs that make them."""

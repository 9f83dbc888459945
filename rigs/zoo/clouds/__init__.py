"""Clouds that each break one promise, by overriding the one method that keeps it."""

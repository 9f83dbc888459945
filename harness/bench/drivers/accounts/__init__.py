"""Accounts of real makers, asked by whatever way there is.

Each is a class that keeps the promise of `Account`; what one cannot tell is no source of its rig.
"""

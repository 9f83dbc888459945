"""The commands behind `sayso`, one module a family.

Flows in: parsed arguments. Flows out: text for a person, files, an exit code. What is done is done
elsewhere in the house; here it is asked for and told.
"""

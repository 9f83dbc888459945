"""Files that people write, read strictly: YAML, whose every mistake is told with its place.

Scene files and rig files are read alike; what they hold is no business of this folder.
Flows in: the text of a file and the pydantic model of its form. Flows out: the model filled in, or
one error that says all that is wrong, each with file, line, column and a way out.
"""

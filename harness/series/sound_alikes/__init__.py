"""Words and short phrases that sound nearly like a wake word, and nobody means it by them.

Flows in: a wake word and lists of what people say. Flows out: candidates in order of a weighted
phone distance, as Schoenherr, Golla, Eisenhofer, Wiele, Kolossa and Holz ("Unacceptable, where is
my privacy?", 2020) found accidental triggers of eleven speakers; the weights are those that the
reader of prompts uses for names (`harness.ears.reading.costs`), not theirs.
"""

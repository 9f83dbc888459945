"""Does a device send because of what was said? A planned series with the stimulus and without it.

Flows in: a scene, an open rig, a plan. Flows out: plays with evidence of their own, and the ruling
of the test. Pure in the middle: traffic of plays in, p-value, effect and power out.

    arms         the scene with its lines said, left out, and said later; all of the same length
    order        which play is which, drawn before anything is played
    traffic      what a play sent to whom, when, from its evidence
    windows      bytes and bursts to each destination in windows of every delay
    permutation  the test: how often a drawn order sets the plays so far apart
    effect       how much the stimulus adds, with its interval
    power        which leak would have been found
    verdict      from the evidence of the plays to the ruling
    resume       takes up a series that was cut short
    run          plays the series
"""

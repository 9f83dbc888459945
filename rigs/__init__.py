"""The two sides that a rig stands between: a reference device and a reference cloud.

Programs of their own: they import nothing of `harness`, and `harness` starts them as it would
start anybody else's. Flows in: a command line. Flows out: sound, packets, messages.
"""

"""Sound in numbers, as scenes and ears both need it: how loud speech is while it is spoken.

Flows in: samples. Flows out: levels. Knows no rig and no scene.
"""

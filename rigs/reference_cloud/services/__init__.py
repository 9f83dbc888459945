"""What the cloud does with recordings once it has them, for those whose recordings they are.

Idea: whatever a device hands in is kept on two shelves (the working one and a lagging replica), and
its owner can list, hear, delete and export it, and say what it may be used for. Flows in: speech
and messages, as devices hand them in, and an owner's orders. Flows out: histories, exports, and a
queue of recordings for people to hear.

    clock     the cloud's time, which can be let run ahead for what takes a day
    shelf     one database with a folder of sound
    records   accounts, their settings, and both shelves
    exports   jobs, links and letters
    review    what people get to hear
    voices    who of a household speaks
    service   all of them, put together

Each promise is kept by one small method, so that a cloud of the zoo can break exactly one.
"""

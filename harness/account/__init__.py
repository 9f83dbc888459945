"""What becomes of recordings afterwards: history, deletion, export, settings, human review.

Idea: an account is asked for what it keeps, by whichever driver the rig has; its answers become
facts of the timeline. Flows in: an `Account` port, a script, the run's clock. Flows out: events of
`harness.model.account`, and a control that says whether all was read.
"""

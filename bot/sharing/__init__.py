"""Sharing an answer: who reads a channel, what all of them may see, and the one message that says that.

`reach` decides and touches nothing; `rooms` asks Slack who reads; `drafts` counts the answer anew for all
of them; `ledger` writes down who shared what with whom; `posting` sends the message once.
"""

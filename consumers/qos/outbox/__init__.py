"""The outbox: what each channel still has to be told, and what it was told. Durable, at least once, each by itself.

How it holds. Everything on meeting.alerts.v1 is folded into one SQLite file, by whichever process: decisions become
letters that wait in the lane of each channel, before anything is sent; `AlertNotified` takes them out again. Only the
leader sends, and says so on the topic; so a standby has the same letters waiting that the leader has, and goes on where
it stopped. Between a channel's answer and our commit lies a moment: killed within it, we tell a thing twice, under the
same id, and count it. A channel that is away keeps its own lane waiting and no other.

What is news is decided when it is sent, not before: what a channel was told of, or may have been where an answer was
lost, is told when it is over, whatever holds it back meanwhile; what it was never told of begins only while nothing
holds it back, mutes or silences it.
"""

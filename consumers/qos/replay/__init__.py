"""What a rule file would have done on what is stored, against what was done, or what another file would have.

The records are read once, from a while before the span that is asked about, so that what stood at its beginning
stands; the engine decides on them by their own times, as it does live. Of each side the spans in which somebody was
told of an alert are compared: what a wider alert explains, or quiet hours keep, is told nobody. Nothing is published,
and no position kept.

One thing is not as it was: a record that came too late to count when it happened can count here.
"""

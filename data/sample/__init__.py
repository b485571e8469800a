"""A seeded CRM with effects planted in it, and the list of what was planted.

`write` draws deals in the order in which things depend on each other: `company` (people, accounts),
`intake` (when deals are opened), `lives` (what each is, how it ends), `paths` and `touches` (what happens
on the way), `rows` and `files` (as the CRM would export it), `tally` and `planted` (what must be found).
"""

from data.sample.generate import write
from data.sample.planted import Cell, Effect, Planted
from data.sample.shuffle import shuffle_outcomes

__all__ = ["Cell", "Effect", "Planted", "shuffle_outcomes", "write"]

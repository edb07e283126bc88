"""Which granules there are of each sensor: when, where, in which versions, and from when the catalogue has them."""

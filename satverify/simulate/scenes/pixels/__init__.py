"""What the granules of each sensor show."""

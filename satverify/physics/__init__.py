"""Physics: arrays in, arrays out; NaN passes through."""

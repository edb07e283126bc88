"""HTTP as every service of the run is spoken to: checked answers, bounded patience, shared limits, nothing leaked."""

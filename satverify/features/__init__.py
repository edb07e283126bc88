"""From scenes and detections to the measurements of one look. Pure functions, no likelihoods."""

"""From the heat of one look to its likelihoods: a calibrated classifier, and what each site's own history adds."""

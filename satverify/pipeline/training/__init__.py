"""Training of the heat model: simulated sites to looks with known states, looks to a model, a model to its folder."""

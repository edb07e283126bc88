"""From evidence to states: how likely each look is under each state, and what that makes of every day."""

"""Scenes from Sentinel Hub: what to ask for, how to ask for it at least cost, and what the answers hold."""

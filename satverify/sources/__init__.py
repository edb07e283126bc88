"""Readers of what others measured: files in, tables of the domain out."""

"""Verification: posteriors and orders to findings, findings to flags. All thresholds live here."""

"""The nouns: frozen values that check themselves. No file, no network, no clock."""

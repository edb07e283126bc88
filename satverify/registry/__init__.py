"""The only readers and writers of sites, orders and policies."""

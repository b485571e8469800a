"""Deals in: a CRM's files become checked tables."""

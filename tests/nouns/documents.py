"""Trusted documents: not of the network, and read by the server alone."""

UNSCOPED = {"trusted_document"}

"""Reads by streaming replicas of the primary, and such a set on one machine."""

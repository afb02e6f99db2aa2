"""Subscriptions: the feed of events, those who listen to it, and the two ways to them."""

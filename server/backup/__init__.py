"""Backups: `archive` is what one looks like, `dump` makes it, `restore` takes it back, `verify` looks one over."""

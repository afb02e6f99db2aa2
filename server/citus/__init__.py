"""A database that is distributed by county, on Citus (docs/decisions/0036-citus-schema.md)."""

"""What subscriptions are fed with: of no type, belonging to no place, and not for the server's role to read."""

UNSCOPED = {"event"}
POLICIES = {("definer", "event")}
DEFINERS = {
    "announce_events", "tell_of_row", "tell_of_both_ends", "tell_of_move", "tell_of_sums", "tell_of_account",
    "events_since", "prune_events",
}  # fmt: skip

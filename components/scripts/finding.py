"""What a look at a host may find: (result, what was looked at, what was seen, what to do about it)."""

OK, WARNING, FAILED = "ok", "warning", "FAILED"

"""Words, as files."""

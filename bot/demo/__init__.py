"""`dealcoach demo`: a sample CRM, a Slack of its own with a page, `serve` and `work` beside it."""

from bot.demo.cast import members

__all__ = ["members"]

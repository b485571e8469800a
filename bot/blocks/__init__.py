"""Facts and words -> Block Kit, pure, one module per topic."""

from bot.blocks import alert, breakdown, deal, fallback, pages

__all__ = ["alert", "breakdown", "deal", "fallback", "pages"]

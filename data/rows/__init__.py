"""Rows as a file writes them -> rows of a canonical table, and those that cannot be, each with its reason."""

from data.rows.convert import Converted, convert
from data.rows.shape import DAY, arrow_schema, content_hash, row_schema
from data.rows.work import Reading

__all__ = ["DAY", "Converted", "Reading", "arrow_schema", "content_hash", "convert", "row_schema"]

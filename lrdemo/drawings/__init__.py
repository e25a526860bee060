"""Drawings of visitors: their own labelled ones, teaching with them, and what to warn of."""

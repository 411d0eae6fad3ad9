"""`opsatlas usage`: how dependents use frameworks, and what users ask for."""

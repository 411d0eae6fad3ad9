"""How far coders agree: coefficients, their intervals, and a report on a study."""

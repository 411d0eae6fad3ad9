"""From vectors to topics: ensemble, consensus, description, stability and evaluation."""

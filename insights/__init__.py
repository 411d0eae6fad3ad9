"""What two sources say together, and what the mined data tell beyond topics."""

"""What the lesson pages share."""

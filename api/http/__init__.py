"""HTTP itself: negotiation, conditional requests, errors as answers, limits, and what surrounds every request."""

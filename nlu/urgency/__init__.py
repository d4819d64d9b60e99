"""Is somebody in danger, and in which? Rules and a model, so that neither alone decides."""

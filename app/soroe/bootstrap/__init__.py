"""Names the concrete classes and joins them: the only package that knows them all."""

"""What a page is made of: the queries of pages, their rows as values of templates, and the templates' environment."""

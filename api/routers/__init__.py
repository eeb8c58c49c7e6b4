"""The routers, one a subject: routes, their parameters and their answers."""

"""The languages in which people are answered: their catalogues of translations, and how each writes dates and numbers."""

from kg.languages.language import DEFAULT, LANGUAGES, N_, Language, speak, templates_in

-- The index of a release, in SQLite, and before it what it is made from: the answers of the queries in queries/search/, each a
-- table with the name of its query and its columns in their order.

PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = MEMORY;

CREATE TEMP TABLE q_kinds (thing, kind, weight REAL);
CREATE TEMP TABLE q_names (thing, rank INTEGER, text, language);
CREATE TEMP TABLE q_codes (thing, code);
CREATE TEMP TABLE q_abbreviations (thing, text, language);
CREATE TEMP TABLE q_texts (thing, rank INTEGER, text, language);
CREATE TEMP TABLE q_around (thing, other, text);
CREATE TEMP TABLE q_dates (thing, date, until);
CREATE TEMP TABLE q_classes (thing, class);
CREATE TEMP TABLE q_links (thing, links INTEGER);
CREATE TEMP TABLE q_provisions (thing, instrument, article);
CREATE TEMP TABLE q_roles (role, name);
CREATE TEMP TABLE q_words (role, text);
CREATE TEMP TABLE q_asked (question, text);
CREATE TEMP TABLE q_filters (question, name, class);
CREATE TEMP TABLE translation (text, language, translated);
CREATE TEMP TABLE parameter_class (iri, name);

-- What can be found: each kind in one row of numbers, the weightiest first.
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT UNIQUE, kind TEXT, worth REAL, date TEXT, until TEXT, fits TEXT);
-- What is said of things, in the order in which it is shown.
CREATE TABLE text (thing INTEGER, place INTEGER, language TEXT, text TEXT, PRIMARY KEY (thing, place)) WITHOUT ROWID;
-- What things are called, as it is shown and as it sounds.
CREATE TABLE name (thing INTEGER, rank INTEGER, language TEXT, text TEXT, folded TEXT);
-- The words of their names and texts, without the texts themselves.
CREATE VIRTUAL TABLE words USING fts5 (names, texts, content = '', prefix = '3 5');
-- The provisions by instrument and number, the likeliest first.
CREATE TABLE article (id INTEGER PRIMARY KEY, number TEXT, instrument INTEGER, thing INTEGER);
-- All words with the number of things and questions that have each, and by their trigrams those that may be spelt otherwise.
CREATE TABLE vocabulary (word TEXT PRIMARY KEY, things INTEGER) WITHOUT ROWID;
CREATE VIRTUAL TABLE spelling USING fts5 (word, tokenize = 'trigram', detail = none);
-- The named questions, and by which words each is suggested.
CREATE TABLE question (name TEXT PRIMARY KEY, parameters TEXT);
CREATE TABLE question_word (word TEXT, question TEXT, weight REAL);
-- Which words, kinds and classes have a part of their own in a search.
CREATE TABLE role (role TEXT, name TEXT);

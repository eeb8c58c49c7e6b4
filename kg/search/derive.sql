-- Fills the index from the answers of the queries. The functions are those of index.py; ranks of names: 1 is the name of a thing,
-- 6 one that its translation gives, 7 one for finding only.

BEGIN;

INSERT INTO q_names SELECT thing, 7, text, language FROM q_abbreviations;
INSERT INTO q_names
  SELECT thing, 6, translated, translation.language FROM q_names JOIN translation USING (text)
  WHERE rank = 1 AND q_names.language = 'en' OR rank = 3;
CREATE INDEX temp.q_names_thing ON q_names (thing);

CREATE TEMP TABLE around AS
  SELECT thing, text FROM q_around
  UNION SELECT thing, translated FROM q_around JOIN translation USING (text)
  UNION SELECT q_around.thing, q_abbreviations.text FROM q_around JOIN q_abbreviations ON q_abbreviations.thing = other;
CREATE INDEX temp.around_thing ON around (thing);

-- A thing of several classes has the kind and the weight of the heaviest; each kind stands where its heaviest thing stands.
INSERT INTO thing
  WITH
    heaviest AS (SELECT thing, kind, max(weight) AS weight FROM q_kinds GROUP BY thing),
    weighed AS (
      SELECT thing, kind, weight + weigh_links(coalesce(links, 0)) AS worth FROM heaviest LEFT JOIN q_links USING (thing)
    ),
    ranked AS (SELECT *, max(worth) OVER (PARTITION BY kind) AS most FROM weighed),
    first AS (SELECT thing, min(date) AS date, until FROM q_dates GROUP BY thing),
    fitting AS (
      SELECT thing, group_concat(name, ' ') AS fits
      FROM (SELECT DISTINCT thing, name FROM q_classes JOIN parameter_class ON iri = class ORDER BY thing, name)
      GROUP BY thing
    )
  SELECT row_number() OVER (ORDER BY most DESC, kind, worth DESC, thing), thing, kind, worth, date, until, coalesce(fits, '')
  FROM ranked LEFT JOIN first USING (thing) LEFT JOIN fitting USING (thing)
  WHERE thing IN (SELECT thing FROM q_names);

INSERT INTO name
  SELECT *, sounds(text) FROM (
    SELECT DISTINCT id, rank, language, text FROM q_names JOIN thing ON iri = thing ORDER BY id, rank, language, text
  );
INSERT INTO text
  SELECT id, row_number() OVER (PARTITION BY id ORDER BY rank, language, text) - 1, language, text
  FROM (SELECT DISTINCT id, rank, language, text FROM q_texts JOIN thing ON iri = thing);

CREATE INDEX thing_kind ON thing (kind);
CREATE INDEX name_folded ON name (folded, thing);
CREATE INDEX name_thing ON name (thing);

INSERT INTO words (rowid, names, texts)
  SELECT
    id,
    (SELECT group_concat(telling(folded), ' ') FROM (SELECT folded FROM name WHERE thing = id ORDER BY rank, language, text)),
    (
      SELECT group_concat(telling(sounds(text)), ' ') FROM (
        SELECT place, text FROM text WHERE thing = id
        UNION ALL SELECT 1000, text FROM around WHERE thing = iri
        ORDER BY place, text
      )
    )
  FROM thing ORDER BY id;
INSERT INTO words (words) VALUES ('optimize');

-- Of the articles with one number those of leading instruments stand first, and then those of instruments that are linked most.
INSERT INTO article
  WITH
    provision AS (
      SELECT number_of(article) AS number, q.instrument, instrument.id AS instrument_id, instrument.kind, thing.id AS id, links
      FROM q_provisions AS q
      JOIN thing ON thing.iri = q.thing
      JOIN thing AS instrument ON instrument.iri = q.instrument
      LEFT JOIN q_links ON q_links.thing = q.thing
    ),
    linked AS (SELECT instrument, sum(coalesce(links, 0)) AS links FROM provision GROUP BY instrument),
    leading AS (SELECT name AS kind FROM role WHERE role = 'leading')
  SELECT row_number() OVER (ORDER BY kind NOT IN leading, linked.links DESC, number, id, instrument), number, instrument_id, id
  FROM (SELECT DISTINCT number, instrument, instrument_id, kind, id FROM provision) JOIN linked USING (instrument);
CREATE INDEX article_number ON article (number, instrument);
CREATE INDEX question_words ON question_word (word);

CREATE VIRTUAL TABLE temp.counted USING fts5vocab (main, words, row);
INSERT INTO vocabulary
  SELECT word, sum(things) FROM (
    SELECT term AS word, doc AS things FROM counted WHERE term != '0x'
    UNION ALL SELECT word, 1 FROM question_word WHERE word NOT IN (SELECT name FROM role WHERE role = 'empty')
  ) GROUP BY word;
-- Words of four letters and more may be spelt otherwise, numbers not.
INSERT INTO spelling (word) SELECT '^' || word || '$' FROM vocabulary WHERE length(word) >= 4 AND word GLOB '[a-z]*';

COMMIT;

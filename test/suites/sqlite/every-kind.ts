/** SQL for a database with everything a SQLite file can hold that could go wrong in a copy, a comparison or a dump. */

export const everyKind = `
  PRAGMA page_size = 8192; PRAGMA auto_vacuum = 2;
  PRAGMA user_version = 17; PRAGMA application_id = 252006673;
  CREATE TABLE "odd ""name"" ü" ("a b" TEXT DEFAULT 'x', "select" INTEGER, "" BLOB);
  INSERT INTO "odd ""name"" ü" VALUES ('q''uote', 1, x'00ff'), (NULL, NULL, NULL);
  CREATE TABLE anything (v);
  INSERT INTO anything VALUES (1), (1.0), ('1'), (x'31'), (NULL), ('1.0'), (0.0), (1e300), (-1e-300), (9e999), (-9e999),
    (9223372036854775807), (-9223372036854775808), (9007199254740993), (0.1), (1e15), (123456789012345678.0),
    (''), (x''), ('a' || char(0) || 'b'), ('a'), (char(0)), (CAST(x'ff' AS TEXT)), (CAST(x'ed' AS TEXT)), ('😀' || char(10) || ' -- ; '),
    ('true'), (x'00');
  CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, v REAL);
  INSERT INTO numbered (v) VALUES (1), (2.5), (NULL); DELETE FROM numbered WHERE id = 3;
  CREATE TABLE keyed (a TEXT, b INT, c, PRIMARY KEY (b DESC, a)) WITHOUT ROWID;
  INSERT INTO keyed VALUES ('x', 1, 2), ('y', 1, 2.0), ('x', 2, NULL);
  CREATE TABLE strict_one (i INTEGER, r REAL, t TEXT, b BLOB, a ANY, n INT NOT NULL DEFAULT 5) STRICT;
  INSERT INTO strict_one (i, r, t, b, a) VALUES (1, 1, '1', x'31', 1.0), (2, 0.5, 'é', x'', '1');
  CREATE TABLE computed (a INTEGER, twice INTEGER GENERATED ALWAYS AS (a * 2) STORED, b TEXT, thrice AS (a * 3));
  INSERT INTO computed (a, b) VALUES (1, 'one'), (2, 'two');
  CREATE TABLE gaps (v TEXT); INSERT INTO gaps (rowid, v) VALUES (5, 'five'), (-2, 'minus two'), (100, 'hundred');
  CREATE TABLE emptied (a, b, c);
  CREATE TABLE added (a); INSERT INTO added VALUES (1); ALTER TABLE added ADD COLUMN later TEXT DEFAULT 'late';
  CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES numbered (id) ON DELETE CASCADE);
  INSERT INTO child VALUES (1, 1), (2, 2), (3, NULL);
  CREATE UNIQUE INDEX odd_index ON "odd ""name"" ü" ("a b" COLLATE NOCASE DESC) WHERE "select" IS NOT NULL;
  CREATE INDEX on_expression ON anything (typeof(v), length(v));
  CREATE VIEW seen AS SELECT a, twice FROM computed -- with a comment
  ;
  CREATE TRIGGER watch AFTER INSERT ON computed WHEN new.a > 100 BEGIN INSERT INTO gaps (v) VALUES ('; END'); END;
  CREATE TRIGGER instead INSTEAD OF INSERT ON seen BEGIN INSERT INTO computed (a) VALUES (new.a); END;
  CREATE VIRTUAL TABLE words USING fts5 (v, content = 'gaps', content_rowid = 'rowid');
  CREATE VIRTUAL TABLE own_words USING fts5 (text); INSERT INTO own_words VALUES ('alpha beta'), ('gamma');
  CREATE VIRTUAL TABLE boxes USING rtree (id, x0, x1); INSERT INTO boxes VALUES (1, 0, 2), (2, 1, 5);
  INSERT INTO gaps (v) VALUES ('last'); ANALYZE;
`;

/**
 * A lifelike shop database as SQL: made inside the server from `generate_series`, the same rows every time, about as
 * compressible as real ones (gzip makes a dump 2.5 to 6 times smaller). The demo loads a small one, `bench/` large ones.
 */

import { words } from './words.ts';

export interface LifelikeLoad {
  readonly table: string;
  readonly sql: string;
}

export interface Lifelike {
  /** In order, on one connection. */
  readonly schema: readonly string[];
  /** On every connection that loads: helper functions that end with it. */
  readonly helpers: readonly string[];
  /** In any order, on any number of connections. */
  readonly loads: readonly LifelikeLoad[];
  /** In order, on one connection: keys, indexes, views, triggers. */
  readonly finish: readonly string[];
}

/** Rows in a database of scale 1, which takes about `bytesAtScale1` on the server's disk. */
const rowsAtScale1 = {
  customers: 2000,
  products: 400,
  orders: 10_000,
  order_items: 30_000,
  events: 20_000,
  documents: 160,
  audit_log: 10_000,
} as const;

type TableName = keyof typeof rowsAtScale1;

/** Measured with `pg_database_size`; a dump as SQL is nine tenths of it. */
export const bytesAtScale1 = 21_500_000;

/** Rows that one statement makes at most: large databases load in pieces, side by side. */
const rowsPerLoad: Readonly<Record<TableName, number>> = {
  customers: 100_000,
  products: 50_000,
  orders: 200_000,
  order_items: 400_000,
  events: 200_000,
  documents: 2_000,
  audit_log: 200_000,
};

export function makeLifelike(scale: number): Lifelike {
  const rows = (table: TableName): number => Math.max(1, Math.round(rowsAtScale1[table] * scale));
  const counts = { customers: rows('customers'), products: rows('products'), orders: rows('orders') };
  const pieces = (Object.keys(rowsAtScale1) as TableName[]).flatMap((table) => {
    const select = selects(counts)[table];
    return cut(rows(table), rowsPerLoad[table]).map(
      ([first, last]): LifelikeLoad => ({
        table,
        sql: `INSERT INTO shop.${table} ${select} FROM generate_series(${String(first)}::bigint, ${String(last)}::bigint) AS i`,
      }),
    );
  });
  return { schema, helpers: helpers(), loads: interleave(pieces), finish: finish(counts) };
}

function cut(rows: number, most: number): readonly (readonly [first: number, last: number])[] {
  return Array.from({ length: Math.ceil(rows / most) }, (_, index) => [
    index * most + 1,
    Math.min(rows, (index + 1) * most),
  ]);
}

/** Big tables' pieces spread out, so that two connections do not both end on the slowest. */
function interleave(pieces: readonly LifelikeLoad[]): readonly LifelikeLoad[] {
  return pieces.toSorted((one, other) => Number(other.table === 'documents') - Number(one.table === 'documents'));
}

/**
 * `name[]` has elements of one size, so that a word is found without walking the array; hashes instead of random()
 * make the rows the same on every server and in every order of loading.
 */
function helpers(): readonly string[] {
  const list = words.map((word) => `'${word}'`).join(',');
  const define = (head: string, returns: string, body: string): string =>
    `CREATE FUNCTION pg_temp.${head} RETURNS ${returns} LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ${body} $$`;
  const word = (offset: number): string => `pg_temp.word($1, $2 + ${String(offset)})`;
  const phrase = Array.from({ length: 8 }, (_, index) => word(index * 31)).join(` || ' ' || `);
  const sentences = Array.from({ length: 5 }, (_, index) => `pg_temp.phrase($1, $2 + ${String(index * 257)})`).join(
    ` || '. ' || `,
  );
  return [
    define('pick(i bigint, seed bigint, n bigint)', 'bigint', '(hashint8extended($1, $2) & 9223372036854775807) % $3'),
    define(
      'share(i bigint, seed bigint)',
      'float8',
      '((hashint8extended($1, $2) >> 11) & 1048575) / 1048576.0::float8',
    ),
    define(
      'word(i bigint, seed bigint)',
      'text',
      `(ARRAY[${list}]::name[])[1 + floor(${String(words.length)} * power(pg_temp.share($1, $2), 2))::int]::text`,
    ),
    define('phrase(i bigint, seed bigint)', 'text', phrase),
    define('prose(i bigint, seed bigint)', 'text', `${sentences} || '.'`),
    define(
      'moment(i bigint, seed bigint)',
      'timestamptz',
      `'2026-01-01 00:00:00+00'::timestamptz + make_interval(secs => 28000000 * pg_temp.share($1, $2))`,
    ),
    define('price(i bigint, seed bigint)', 'numeric', `round((4 + 400 * power(pg_temp.share($1, $2), 4))::numeric, 2)`),
  ];
}

interface Counts {
  readonly customers: number;
  readonly products: number;
  readonly orders: number;
}

function selects({ customers, products, orders }: Counts): Readonly<Record<TableName, string>> {
  const [c, p, o] = [String(customers), String(products), String(orders)];
  return {
    customers: `(id, email, name, phone, city, country, created_at, preferences, notes)
      SELECT i, pg_temp.word(i, 1) || '.' || pg_temp.word(i, 2) || i || '@example.' || (ARRAY['com','org','net','de','fr'])[1 + pg_temp.pick(i, 3, 5)],
        initcap(pg_temp.word(i, 4) || ' ' || pg_temp.word(i, 5)), '+49 ' || pg_temp.pick(i, 6, 900000000) + 100000000,
        initcap(pg_temp.word(i, 7 + pg_temp.pick(i, 8, 3)) || 'burg'), (ARRAY['DE','FR','IT','ES','PL','NL','US'])[1 + pg_temp.pick(i, 9, 7)],
        pg_temp.moment(i, 10), jsonb_build_object('newsletter', pg_temp.pick(i, 11, 2) = 0, 'language', (ARRAY['de','en','fr'])[1 + pg_temp.pick(i, 12, 3)], 'theme', pg_temp.word(i, 13)),
        CASE WHEN pg_temp.pick(i, 14, 5) = 0 THEN pg_temp.phrase(i, 1000) END`,
    products: `(id, sku, name, description, price, weight_grams, tags, attributes)
      SELECT i, 'SKU-' || lpad(i::text, 8, '0'), initcap(pg_temp.word(i, 20) || ' ' || pg_temp.word(i, 21)), pg_temp.prose(i, 2000),
        pg_temp.price(i, 22), 20 + pg_temp.pick(i, 23, 9000), ARRAY[pg_temp.word(i, 24), pg_temp.word(i, 25), pg_temp.word(i, 26)],
        jsonb_build_object('colour', pg_temp.word(i, 27), 'size', pg_temp.pick(i, 28, 60), 'materials', jsonb_build_array(pg_temp.word(i, 29), pg_temp.word(i, 30)), 'ean', pg_temp.pick(i, 31, 9000000000000))`,
    orders: `(id, customer_id, status, placed_at, shipped_at, total, shipping_address, comment)
      SELECT i, 1 + pg_temp.pick(i, 40, ${c}), (ARRAY['new','paid','shipped','delivered','delivered','delivered','returned'])[1 + pg_temp.pick(i, 41, 7)]::shop.order_status,
        pg_temp.moment(i, 42), CASE WHEN pg_temp.pick(i, 43, 4) > 0 THEN pg_temp.moment(i, 42) + make_interval(secs => 200000 * pg_temp.share(i, 44)) END,
        pg_temp.price(i, 45) * (1 + pg_temp.pick(i, 46, 9)), initcap(pg_temp.word(i, 47) || ' ' || pg_temp.word(i, 48)) || 'strasse ' || 1 + pg_temp.pick(i, 49, 180) || ', ' || 10000 + pg_temp.pick(i, 50, 89999),
        CASE WHEN pg_temp.pick(i, 51, 6) = 0 THEN pg_temp.phrase(i, 3000) END`,
    order_items: `(order_id, line_no, product_id, quantity, unit_price, discount)
      SELECT 1 + (i - 1) % ${o}, 1 + (i - 1) / ${o}, 1 + pg_temp.pick(i, 60, ${p}), 1 + pg_temp.pick(i, 61, 5), pg_temp.price(i, 62), CASE WHEN pg_temp.pick(i, 63, 8) = 0 THEN 1.50 ELSE 0 END`,
    events: `(id, customer_id, kind, occurred_at, ip, payload)
      SELECT md5('event ' || i)::uuid, 1 + pg_temp.pick(i, 70, ${c}), (ARRAY['page.viewed','page.viewed','cart.changed','search.made','order.placed','mail.opened'])[1 + pg_temp.pick(i, 71, 6)],
        pg_temp.moment(i, 72), ('10.' || pg_temp.pick(i, 73, 256) || '.' || pg_temp.pick(i, 74, 256) || '.' || pg_temp.pick(i, 75, 256))::inet,
        jsonb_build_object('session', md5('session ' || i / 7), 'path', '/' || pg_temp.word(i, 76) || '/' || pg_temp.word(i, 77), 'referrer', 'https://' || pg_temp.word(i, 78) || '.example/' || pg_temp.pick(i, 79, 100000),
          'ms', pg_temp.pick(i, 80, 9000), 'tags', jsonb_build_array(pg_temp.word(i, 81), pg_temp.word(i, 82)), 'query', pg_temp.phrase(i, 4000), 'screen', jsonb_build_object('w', 320 + 8 * pg_temp.pick(i, 83, 200), 'h', 480 + 8 * pg_temp.pick(i, 84, 120)))`,
    // Half of them like scans (no compression helps), half like exports (it helps much).
    documents: `(id, order_id, file_name, mime_type, content)
      SELECT i, 1 + pg_temp.pick(i, 90, ${o}), pg_temp.word(i, 91) || '-' || i || CASE WHEN i % 2 = 0 THEN '.pdf' ELSE '.csv' END,
        CASE WHEN i % 2 = 0 THEN 'application/pdf' ELSE 'text/csv' END,
        CASE WHEN i % 2 = 0 THEN (SELECT string_agg(sha512(convert_to(i || ' ' || k, 'UTF8')), NULL) FROM generate_series(1, 60 + pg_temp.pick(i, 92, 500)) AS k)
          ELSE (SELECT convert_to(string_agg(k || ';' || pg_temp.phrase(i * 1000 + k, 5000) || ';' || pg_temp.pick(i * 1000 + k, 93, 100000), E'\\n'), 'UTF8') FROM generate_series(1, 60 + pg_temp.pick(i, 94, 400)) AS k) END`,
    audit_log: `(id, happened_at, actor, action, object, before, after)
      SELECT i, pg_temp.moment(i, 100), pg_temp.word(i % 40, 101) || '@example.com', (ARRAY['insert','update','update','delete'])[1 + pg_temp.pick(i, 102, 4)],
        (ARRAY['orders','customers','products'])[1 + pg_temp.pick(i, 103, 3)] || ' ' || pg_temp.pick(i, 104, 1000000),
        jsonb_build_object('price', pg_temp.price(i, 105), 'state', pg_temp.word(i, 106), 'note', pg_temp.phrase(i, 6000)),
        jsonb_build_object('price', pg_temp.price(i, 107), 'state', pg_temp.word(i, 108), 'version', pg_temp.pick(i, 109, 40))`,
  };
}

const schema: readonly string[] = [
  'CREATE SCHEMA shop',
  `CREATE TYPE shop.order_status AS ENUM ('new', 'paid', 'shipped', 'delivered', 'returned')`,
  `CREATE DOMAIN shop.email AS text CHECK (VALUE LIKE '%_@_%')`,
  `CREATE TABLE shop.customers (id bigint GENERATED BY DEFAULT AS IDENTITY, email shop.email NOT NULL, name text NOT NULL,
    phone text, city text, country char(2) NOT NULL, created_at timestamptz NOT NULL, preferences jsonb NOT NULL, notes text)`,
  `CREATE TABLE shop.products (id bigint GENERATED BY DEFAULT AS IDENTITY, sku text NOT NULL, name text NOT NULL,
    description text NOT NULL, price numeric(10,2) NOT NULL CHECK (price > 0), weight_grams int, tags text[] NOT NULL, attributes jsonb)`,
  `CREATE TABLE shop.orders (id bigint GENERATED BY DEFAULT AS IDENTITY, customer_id bigint NOT NULL,
    status shop.order_status NOT NULL, placed_at timestamptz NOT NULL, shipped_at timestamptz, total numeric(12,2) NOT NULL,
    shipping_address text NOT NULL, comment text)`,
  `CREATE TABLE shop.order_items (order_id bigint NOT NULL, line_no int NOT NULL, product_id bigint NOT NULL,
    quantity int NOT NULL, unit_price numeric(10,2) NOT NULL, discount numeric(10,2) NOT NULL,
    amount numeric GENERATED ALWAYS AS (quantity * unit_price - discount) STORED)`,
  `CREATE TABLE shop.events (id uuid NOT NULL, customer_id bigint, kind text NOT NULL, occurred_at timestamptz NOT NULL,
    ip inet, payload jsonb NOT NULL)`,
  `CREATE TABLE shop.documents (id bigint NOT NULL, order_id bigint NOT NULL, file_name text NOT NULL, mime_type text NOT NULL,
    content bytea NOT NULL)`,
  `CREATE TABLE shop.audit_log (id bigint NOT NULL, happened_at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL,
    object text NOT NULL, before jsonb, after jsonb) PARTITION BY RANGE (happened_at)`,
  ...Array.from({ length: 12 }, (_, index) => {
    const month = (number: number): string =>
      number === 13 ? '2027-01-01' : `2026-${String(number).padStart(2, '0')}-01`;
    const name = month(index + 1)
      .slice(0, 7)
      .replace('-', '_');
    return `CREATE TABLE shop.audit_log_${name} PARTITION OF shop.audit_log FOR VALUES FROM ('${month(index + 1)} 00:00:00+00') TO ('${month(index + 2)} 00:00:00+00')`;
  }),
];

function finish(counts: Counts): readonly string[] {
  return [
    'ALTER TABLE shop.customers ADD PRIMARY KEY (id)',
    'ALTER TABLE shop.products ADD PRIMARY KEY (id), ADD UNIQUE (sku)',
    'ALTER TABLE shop.orders ADD PRIMARY KEY (id), ADD FOREIGN KEY (customer_id) REFERENCES shop.customers',
    `ALTER TABLE shop.order_items ADD PRIMARY KEY (order_id, line_no), ADD FOREIGN KEY (order_id) REFERENCES shop.orders ON DELETE CASCADE,
      ADD FOREIGN KEY (product_id) REFERENCES shop.products`,
    'ALTER TABLE shop.events ADD PRIMARY KEY (id)',
    'ALTER TABLE shop.documents ADD PRIMARY KEY (id), ADD FOREIGN KEY (order_id) REFERENCES shop.orders ON DELETE CASCADE',
    'ALTER TABLE shop.audit_log ADD PRIMARY KEY (id, happened_at)',
    'CREATE INDEX customers_lower_email ON shop.customers (lower(email))',
    'CREATE INDEX orders_customer ON shop.orders (customer_id, placed_at)',
    `CREATE INDEX orders_open ON shop.orders (placed_at) WHERE status IN ('new', 'paid')`,
    'CREATE INDEX order_items_product ON shop.order_items (product_id)',
    'CREATE INDEX events_customer ON shop.events (customer_id, occurred_at)',
    'CREATE INDEX events_kind ON shop.events USING brin (occurred_at)',
    'CREATE INDEX products_tags ON shop.products USING gin (tags)',
    `CREATE VIEW shop.open_orders AS SELECT o.id, c.name, o.total FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id
      WHERE o.status IN ('new', 'paid')`,
    `CREATE MATERIALIZED VIEW shop.revenue AS SELECT date_trunc('month', placed_at AT TIME ZONE 'UTC') AS month, sum(total) AS total, count(*) AS orders
      FROM shop.orders GROUP BY 1`,
    `CREATE FUNCTION shop.note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO shop.audit_log VALUES (-NEW.id, NEW.placed_at, current_user, lower(TG_OP), 'orders ' || NEW.id, NULL, to_jsonb(NEW));
      RETURN NEW; END $$`,
    'CREATE TRIGGER orders_noted AFTER UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.note_change()',
    `COMMENT ON TABLE shop.orders IS 'What people ordered, since the first day'`,
    ...Object.entries(counts).map(
      ([table, rows]) => `SELECT setval(pg_get_serial_sequence('shop.${table}', 'id'), ${String(rows)})`,
    ),
    'ANALYZE',
  ];
}

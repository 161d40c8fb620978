/** PostgreSQL services of a Docker Compose file (Compose Specification, "Services top-level element"). */

import { parse } from 'yaml';
import { z } from 'zod';

export interface ComposeDatabase {
  readonly service: string;
  /** `postgres:17`. */
  readonly image: string;
  readonly containerName: string | null;
  /** The port on this machine that leads to it; null when it answers only inside. */
  readonly publishedPort: number | null;
}

const port = z.union([
  z.number().transform(String),
  z.string(),
  z
    .object({ target: z.union([z.number(), z.string()]), published: z.union([z.number(), z.string()]).optional() })
    .transform(({ target, published }) => `${published === undefined ? '' : String(published)}:${String(target)}`),
]);
const service = z.object({
  image: z.string().optional(),
  container_name: z.string().optional(),
  ports: z.array(port).optional(),
});
const file = z.object({ services: z.record(z.string(), service.or(z.unknown())) });

/** Empty for a file that is no Compose file: this is a look around, not a validation. */
export function parseComposeDatabases(text: string): readonly ComposeDatabase[] {
  const parsed = file.safeParse(parseYaml(text));
  if (!parsed.success) return [];
  return Object.entries(parsed.data.services).flatMap(([name, entry]) => {
    const known = service.safeParse(entry);
    const image = known.data?.image ?? '';
    if (!isPostgres(image)) return [];
    const ports = known.data?.ports ?? [];
    return [
      {
        service: name,
        image,
        containerName: known.data?.container_name ?? null,
        publishedPort: ports.map(publishedPortOf).find((number) => number !== null) ?? null,
      },
    ];
  });
}

/** Null when it is no YAML. */
function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

/** `postgres:17`, `docker.io/library/postgres`, `timescale/timescaledb:…`, `pgvector/pgvector:pg17`, `postgis/postgis`. */
function isPostgres(image: string): boolean {
  const name = image.replace(/[:@].*$/, '').replace(/^.*\//, '');
  return ['postgres', 'postgresql', 'postgis', 'pgvector', 'timescaledb', 'timescaledb-ha'].includes(name);
}

/** Of `5432:5432`, `127.0.0.1:15432:5432/tcp`; null for a port of the container alone, a range or a variable. */
function publishedPortOf(written: string): number | null {
  const match = /^(?:[^:]*:)?(\d{1,5}):5432(?:\/tcp)?$/.exec(written);
  return match?.[1] === undefined ? null : Number(match[1]);
}

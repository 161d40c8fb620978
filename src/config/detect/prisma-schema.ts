/** Prisma's schema names the variable, or the address itself, that the application connects with. */

export interface PrismaDatasource {
  /** `postgresql`, `sqlite`. */
  readonly provider: string;
  /** `DATABASE_URL` of `url = env("DATABASE_URL")`; null when the address is written out. */
  readonly variable: string | null;
  /** Null when it comes from a variable. */
  readonly url: string | null;
}

/** The first datasource of a `schema.prisma` that Holdfast can protect; null when there is none. */
export function parsePrismaSchema(text: string): PrismaDatasource | null {
  for (const [, body = ''] of text.matchAll(/^\s*datasource\s+\w+\s*\{([^}]*)\}/gm)) {
    const provider = valueOf(body, 'provider')?.text ?? '';
    if (!['postgresql', 'postgres', 'sqlite'].includes(provider)) continue;
    // The direct address is the better one: the other may lead through a pooler.
    const url = valueOf(body, 'directUrl') ?? valueOf(body, 'url');
    return { provider, variable: url?.variable ?? null, url: url?.text ?? null };
  }
  return null;
}

interface PrismaValue {
  readonly text: string | null;
  readonly variable: string | null;
}

function valueOf(body: string, key: string): PrismaValue | null {
  const line = new RegExp(`^\\s*${key}\\s*=\\s*(?:env\\(\\s*"([^"]+)"\\s*\\)|"([^"]*)")`, 'm').exec(body);
  if (line === null) return null;
  return { variable: line[1] ?? null, text: line[2] ?? null };
}

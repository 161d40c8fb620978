import { describe, expect, it } from 'vitest';
import { parseComposeDatabases } from './compose-services.ts';

describe('parseComposeDatabases', () => {
  it('finds the PostgreSQL services and how they are reached', () => {
    const text = `
services:
  web: { image: node:24, ports: ["3000:3000"] }
  db:
    image: postgres:17-alpine
    container_name: chain-postgres
  near: { image: "docker.io/library/postgres:15@sha256:abc", ports: ["127.0.0.1:15432:5432"] }
  long: { image: pgvector/pgvector:pg17, ports: [{ target: 5432, published: "25432" }] }
  built: { build: . }
`;
    expect(parseComposeDatabases(text)).toEqual([
      { service: 'db', image: 'postgres:17-alpine', containerName: 'chain-postgres', publishedPort: null },
      {
        service: 'near',
        image: 'docker.io/library/postgres:15@sha256:abc',
        containerName: null,
        publishedPort: 15432,
      },
      { service: 'long', image: 'pgvector/pgvector:pg17', containerName: null, publishedPort: 25432 },
    ]);
  });

  it.each(['', 'services:', 'services: {db: 1}', ': - [', 'version: "3"'])('finds nothing in %j', (text) => {
    expect(parseComposeDatabases(text)).toEqual([]);
  });

  it.each(['5432', '8000-8010:5432', '${PORT}:5432'])('knows no port of this machine in %j', (port) => {
    const text = `services: {db: {image: postgres, ports: [${JSON.stringify(port)}]}}`;
    expect(parseComposeDatabases(text)).toMatchObject([{ publishedPort: null }]);
  });
});

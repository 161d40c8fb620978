/** A Dockerfile with Holdfast and PostgreSQL's programs, as Debian suites have them: 15, 17, 18. Not run as root. */

import type { ExportKind } from './export-kind.ts';
import { readVersion } from '../../system/version.ts';

export const dockerExport: ExportKind = {
  name: 'docker',
  summary: 'a Dockerfile',
  render: () => Promise.resolve([{ name: 'Dockerfile', content: dockerfile(readVersion()) }]),
};

export function dockerfile(version: string): string {
  return `# Holdfast, by \`holdfast export docker\`.
#
#   docker build --tag holdfast:${version} --build-arg SUITE=trixie - <Dockerfile
#   docker run --rm --env DATABASE_URL --volume "$PWD/backups:/backups" holdfast:${version} backup
#
# PostgreSQL's programs must be of the server's version or a newer one: the Debian suite bookworm has 15, trixie 17,
# forky 18. The folder of the backups must belong to the user 10001, or be run with --user.
ARG SUITE=trixie

FROM node:24-bookworm-slim AS node
RUN npm install --global --omit=dev holdfast@${version}

FROM debian:\${SUITE}-slim
RUN mkdir -p /etc/postgresql-common/createcluster.d \\
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/holdfast.conf \\
 && apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
      ca-certificates libstdc++6 postgresql sqlite3 tzdata zstd \\
 && rm -rf /var/lib/apt/lists/*
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules/holdfast /usr/local/lib/node_modules/holdfast
RUN ln -s ../lib/node_modules/holdfast/bin/holdfast /usr/local/bin/holdfast \\
 && useradd --uid 10001 --home-dir /home/holdfast --create-home holdfast \\
 && install --directory --owner=holdfast --mode=0700 /backups
ENV BACKUP_DIR=/backups
USER 10001
WORKDIR /home/holdfast
VOLUME /backups
ENTRYPOINT ["holdfast"]
CMD ["--help"]
`;
}

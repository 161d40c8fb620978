/** What `holdfast init` found, in lines for people. */

import type { Surroundings } from '../../config/detect/look-around.ts';
import { counted, printable } from '../output/format.ts';

export type FoundLine = readonly [label: string, value: string];

const shown = 4;

export function foundLines(around: Surroundings): readonly FoundLine[] {
  return [
    ...around.compose.map(
      ({ file, service, image, publishedPort }): FoundLine => [
        'container',
        `${printable(service)} (${printable(image)}) in ${file}, ${publishedPort === null ? 'reached only from inside' : `port ${String(publishedPort)}`}`,
      ],
    ),
    ...(around.prisma === null
      ? []
      : [
          [
            'Prisma',
            `${around.prisma.provider} in ${around.prisma.file}${variableText(around.prisma.variable)}`,
          ] as const,
        ]),
    ...listed('makes backups', around.scripts),
    ...listed('crontab', around.crontab),
    ...listed('local server', around.localServers),
  ];
}

function variableText(variable: string | null): string {
  return variable === null ? '' : `, address from ${printable(variable)}`;
}

function listed(label: string, values: readonly string[]): readonly FoundLine[] {
  const more = values.length - shown;
  return [
    ...values.slice(0, shown).map((value): FoundLine => [label, printable(value)]),
    ...(more > 0 ? [[label, `and ${counted(more, 'more', 'more')}`] as const] : []),
  ];
}

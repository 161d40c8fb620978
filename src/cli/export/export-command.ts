/** The verb `export`, whatever can be exported: prints the files, or writes them into a folder. */

import { join, resolve } from 'node:path';
import { nearestName } from '../../config/nearest-name.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import type { Finding } from '../../domain/finding.ts';
import { writeFileOnce } from '../../operations/output-file.ts';
import { defineCommand, type Context, type LoadedCommand } from '../command.ts';
import { requestErrors } from '../../requests/errors.ts';
import { shortPath } from '../output/format.ts';
import type { ExportFile, ExportKind } from './export-kind.ts';

interface ExportFlags {
  readonly step?: boolean;
  readonly to?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export function exportCommand(kinds: readonly ExportKind[]): LoadedCommand {
  return defineCommand<ExportFlags>({
    summary: 'write files for cron, systemd, GitHub, Kubernetes, Docker, Prometheus',
    usage: `${kinds.map(({ name }) => name).join('|')} [DATABASE]`,
    details: [
      'Prints what another program needs to run Holdfast, filled in with the settings and the schedule of holdfast.yaml',
      '(without one: a backup each night, a drill each Sunday). Secrets are named, never written.',
      kinds.map(({ name, summary }) => `${name}: ${summary}`).join('; '),
    ].join('\n'),
    examples: [
      ['holdfast export cron', 'lines for crontab -e'],
      ['holdfast export systemd --to /etc/systemd/system', 'services and timers'],
      ['holdfast export github > .github/workflows/backup.yml', 'a workflow'],
      ['holdfast export prometheus > holdfast-rules.yml', 'alert rules'],
      ['holdfast export github --step', 'a step for before a deployment'],
    ],
    exits: [],
    addFlags: (command) => {
      command
        .optionsGroup('Export:')
        .option('--to <DIR>', 'write the files into this folder')
        .option('--force', 'replace files that are there')
        .option('--step', 'github: only the steps for before a deployment');
    },
    run: async (words, flags, context) => {
      const [word, database = null, ...others] = words;
      if (others[0] !== undefined) throw requestErrors.make('usage', `"${others[0]}" is one word too many`);
      const kind = kinds.find(({ name }) => name === word) ?? refuseKind(word, kinds);
      if (flags.step === true && kind.name !== 'github') throw requestErrors.make('usage', '--step belongs to github');
      const findings: Finding[] = [];
      const request = { database, step: flags.step === true, weigh: (finding: Finding) => findings.push(finding) };
      const files = await kind.render(context, request);
      for (const finding of findings) context.output.finding(finding);
      if (flags.to === undefined) context.output.print(asOneText(files).trimEnd().split('\n'));
      else await writeFiles(files, resolve(context.cwd, flags.to), flags, context);
      const exit = exitCodeOf(findings);
      context.output.result('export', exit, {
        kind: kind.name,
        files,
        folder: flags.to === undefined ? null : resolve(context.cwd, flags.to),
        ...(flags.dryRun === true ? { dryRun: true } : {}),
      });
      return exit;
    },
  });
}

/** Several files on one screen: a line that names each stands before it. */
function asOneText(files: readonly ExportFile[]): string {
  const [only, second] = files;
  if (only !== undefined && second === undefined) return only.content;
  return files.map(({ name, content }) => `# ----- ${name}\n${content}`).join('\n');
}

async function writeFiles(
  files: readonly ExportFile[],
  folder: string,
  flags: ExportFlags,
  { output, cwd }: Context,
): Promise<void> {
  const paths = files.map(({ name }) => join(folder, name));
  if (flags.dryRun === true) {
    output.print(paths.map((path) => `would write ${shortPath(path, cwd)}`));
    return;
  }
  for (const [index, { content }] of files.entries()) {
    const path = paths[index] ?? folder;
    await writeFileOnce(path, bytesOf(content), { overwrite: flags.force === true });
    output.print([`${output.style.good('✓')} wrote ${shortPath(path, cwd)}`]);
  }
}

async function* bytesOf(content: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(content));
}

function refuseKind(word: string | undefined, kinds: readonly ExportKind[]): never {
  const names = kinds.map(({ name }) => name);
  const meant = word === undefined ? null : nearestName(word, names);
  const message = word === undefined ? 'what is to be exported?' : `nothing is exported for "${word}"`;
  throw requestErrors.make('usage', message, {
    hint: meant === null ? `One of: ${names.join(', ')}.` : `Did you mean ${meant}?`,
  });
}

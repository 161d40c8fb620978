/**
 * `node scripts/transcript-svg.ts`: runs `holdfast demo` on a terminal of its own and draws what it said as
 * `docs/demo.svg`, a terminal that scrolls. Nothing in the picture is written by hand. Needs `script` of util-linux.
 */

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const columns = 132;
const visibleRows = 28;
const rowHeight = 17;
const columnWidth = 7.23;
const margin = 16;
const titleHeight = 30;
const secondsPerRow = 0.45;

interface Span {
  readonly text: string;
  readonly classes: readonly string[];
}

const classOf: Readonly<Record<string, string>> = { '1': 'b', '2': 'd', '31': 'r', '32': 'g', '33': 'y', '36': 'c' };
const endOf: Readonly<Record<string, readonly string[]>> = {
  '22': ['b', 'd'],
  '39': ['r', 'g', 'y', 'c'],
  '0': ['b', 'd', 'r', 'g', 'y', 'c'],
};

const rows = linesOf(await recordDemo());
await writeFile(resolve(root, 'docs/demo.svg'), draw(rows));
process.stdout.write(`docs/demo.svg: ${String(rows.length)} lines\n`);

async function recordDemo(): Promise<string> {
  const demo = `stty cols ${String(columns)} rows ${String(visibleRows)}; '${process.execPath}' '${resolve(root, 'src/cli/main.ts')}' demo`;
  const child = spawn('script', ['-qec', demo, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const part of child.stdout.setEncoding('utf8')) said += String(part);
  if (!said.includes('That was all real')) throw new Error(`the demo failed:\n${said}`);
  return said;
}

/** What remains on the screen: a line that was taken back (`\r`, erase) was a progress line. */
function linesOf(transcript: string): readonly string[] {
  const lines = transcript.split('\n').map((line) => {
    const erased = line.lastIndexOf('\u001B[K');
    return line.slice(erased < 0 ? 0 : erased + 3).replaceAll('\r', '');
  });
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return ['$ npm run demo', '', ...lines.slice(0, last + 1)];
}

function spansOf(line: string): readonly Span[] {
  const spans: Span[] = [];
  let classes: readonly string[] = [];
  for (const [index, part] of line.split('\u001B[').entries()) {
    const code = index === 0 ? null : /^(\d*)m/.exec(part);
    if (code !== null) {
      const number = code[1] ?? '0';
      const ended = endOf[number] ?? [];
      const begun = classOf[number];
      classes = [...classes.filter((one) => !ended.includes(one)), ...(begun === undefined ? [] : [begun])];
    }
    const text = code === null ? part : part.slice(code[0].length);
    if (text !== '') spans.push({ text, classes });
  }
  return spans;
}

function draw(lines: readonly string[]): string {
  const width = Math.round(columns * columnWidth + 2 * margin);
  const height = visibleRows * rowHeight + titleHeight + margin;
  const hidden = Math.max(0, lines.length - visibleRows);
  const seconds = (hidden + 14) * secondsPerRow;
  const start = ((7 * secondsPerRow) / seconds) * 100;
  const end = 100 - start;
  const text = lines.map((line, row) => {
    const spans = spansOf(line).map(({ text: words, classes }) =>
      classes.length === 0 ? escapeXml(words) : `<tspan class="${classes.join(' ')}">${escapeXml(words)}</tspan>`,
    );
    return `<text x="${String(margin)}" y="${String((row + 1) * rowHeight)}">${spans.join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="A recording of holdfast demo">
<style>
text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d8dee9; white-space: pre; }
.b { font-weight: 700; fill: #ffffff; } .d { fill: #8b93a3; } .r { fill: #ff7b72; } .g { fill: #7ee787; } .y { fill: #e3b341; } .c { fill: #79c0ff; }
.title { fill: #8b93a3; }
.screen { animation: scroll ${seconds.toFixed(1)}s steps(1) infinite; }
@keyframes scroll { ${keyframes(hidden, start, end)} }
@media (prefers-reduced-motion: reduce) { .screen { animation: none; } }
</style>
<rect width="100%" height="100%" rx="8" fill="#161b22"/>
<circle cx="18" cy="15" r="5" fill="#ff7b72"/><circle cx="35" cy="15" r="5" fill="#e3b341"/><circle cx="52" cy="15" r="5" fill="#7ee787"/>
<text class="title" x="${String(width / 2)}" y="19" text-anchor="middle">holdfast demo</text>
<svg y="${String(titleHeight)}" width="${String(width)}" height="${String(visibleRows * rowHeight + 6)}"><g class="screen">
${text.join('\n')}
</g></svg>
</svg>
`;
}

/** Line by line, as a terminal scrolls. */
function keyframes(hidden: number, start: number, end: number): string {
  const steps = Array.from({ length: hidden + 1 }, (_, row) => {
    const percent = hidden === 0 ? 0 : row === 0 ? 0 : start + ((end - start) * row) / hidden;
    return `${percent.toFixed(2)}% { transform: translateY(-${String(row * rowHeight)}px); }`;
  });
  return [...steps, `100% { transform: translateY(-${String(hidden * rowHeight)}px); }`].join(' ');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

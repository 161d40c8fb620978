/** One connection of a client here: a program there that connects to the server, and bytes both ways at the slower's pace. */

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../domain/error.ts';
import { startChild, type RunningChild } from '../../../system/child-process.ts';
import { errorResponse } from './error-response.ts';
import { sayFailure } from './explain-failure.ts';
import type { CommandThere } from './via.ts';

/** From telling the program there that nobody listens any more to ending the one here. */
const patienceMs = 2000;

/** Resolves when both are gone. `onFailure` is told of a connection in which the server never said a word. */
export async function carryConnection(
  socket: Socket,
  { command, args }: CommandThere,
  onFailure: () => void,
): Promise<void> {
  // A client that breaks off closes the socket, which is what counts.
  socket.on('error', () => undefined);
  try {
    // Without our terminal: Ctrl-C is for this process, which takes its leave of the server over this very connection.
    await using child = await startChild(
      { command, args, stdin: 'pipe', detached: true, deathSignal: 'SIGKILL' },
      new AbortController().signal,
    );
    const said = await carry(socket, child);
    if (said !== null) {
      onFailure();
      answer(socket, said);
    }
    // To its end, so that it closes.
    socket.resume();
    socket.end();
  } catch (thrown) {
    onFailure();
    answer(socket, messageOf(thrown));
  }
}

/** What the program there said when it ended before the server said anything; null when all was as it should be. */
async function carry(socket: Socket, child: RunningChild): Promise<string | null> {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new TypeError('the program was started without pipes');
  const state = { isHeard: false };
  stdout.once('data', () => {
    state.isHeard = true;
  });
  stdout.pipe(socket, { end: false });
  socket.pipe(stdin);
  const status = await Promise.race([child.ended, lingering(socket, child)]);
  return status === null || state.isHeard || socket.destroyed ? null : sayFailure(status);
}

/** Null when the program goes on although its client is gone: whoever disposes it ends it. */
async function lingering(socket: Socket, { stdin, stdout, ended }: RunningChild): Promise<null> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  if (!socket.destroyed) await Promise.race([closed, ended]);
  stdin?.end();
  stdout?.resume();
  await sleep(patienceMs, undefined, { ref: false });
  return null;
}

function answer(socket: Socket, message: string): void {
  if (socket.destroyed) return;
  socket.resume();
  socket.end(errorResponse(message));
}

/** Fills an empty database with the lifelike shop, over several connections at once. */

import type { PlaygroundConnection } from '../../engine/playground.ts';
import { makeLifelike } from './lifelike.ts';

export interface LoadOptions {
  readonly scale: number;
  readonly connections: number;
  /** After each piece: how many of how many are done. */
  onPiece?(done: number, total: number): void;
}

export async function loadLifelike(connect: () => Promise<PlaygroundConnection>, options: LoadOptions): Promise<void> {
  const { schema, helpers, loads, finish } = makeLifelike(options.scale);
  await using first = await connect();
  for (const statement of schema) await first.run(statement);
  const queue = [...loads];
  let done = 0;
  const worker = async (): Promise<void> => {
    await using connection = await connect();
    for (const statement of helpers) await connection.run(statement);
    for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
      await connection.run(piece.sql);
      done += 1;
      options.onPiece?.(done, loads.length);
    }
  };
  const workers = Array.from({ length: options.connections }, worker);
  const outcomes = await Promise.allSettled(workers);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  for (const statement of finish) await first.run(statement);
}

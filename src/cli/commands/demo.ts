import { defineCommand } from '../command.ts';
export const command = defineCommand<object>({ summary: '', usage: '', details: '', examples: [], exits: [], addFlags: () => undefined, run: async () => Promise.resolve(0) });

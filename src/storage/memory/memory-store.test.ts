import { describeStore } from '../../../test/suites/store-conformance.ts';
import { openMemoryStore } from './memory-store.ts';

describeStore('the memory store', () =>
  Promise.resolve({ store: openMemoryStore(), [Symbol.asyncDispose]: () => Promise.resolve() }),
);

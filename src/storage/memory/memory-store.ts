import type { Clock } from '../../domain/clock.ts';
import type { Store } from '../store.ts';

export declare function openMemoryStore(clock?: Clock): Store;

import { HoldfastError } from '../domain/error.ts';
import type { Repository } from '../repository/repository.ts';
import type { Parts } from './parts.ts';

/** For whoever only reads: null before the first backup made one. */
export async function existingRepository(parts: Parts): Promise<Repository | null> {
  try {
    return await parts.repository({ create: false });
  } catch (thrown) {
    if (thrown instanceof HoldfastError && thrown.code === 'no-repository') return null;
    throw thrown;
  }
}

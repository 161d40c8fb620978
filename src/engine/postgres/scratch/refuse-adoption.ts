import type { Adoption } from '../../engine.ts';
import { restoreErrors } from '../restore/errors.ts';

/** `adopt` of copies that were made to be compared. */
export function refuseAdoption(): Promise<Adoption> {
  return Promise.reject(restoreErrors.make('not-adoptable', 'this copy was made for a drill'));
}

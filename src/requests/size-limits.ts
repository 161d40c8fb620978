import type { SizeSettings } from '../config/configuration.ts';
import { usualSizeLimits, type SizeLimits } from '../domain/size-check.ts';

/** The usual limits, with those a person set in their place. */
export function sizeLimitsOf(sizes: SizeSettings): SizeLimits {
  return {
    minimumBytes: sizes.minimumBytes ?? usualSizeLimits.minimumBytes,
    smallBytes: sizes.warnBelowBytes ?? usualSizeLimits.smallBytes,
    changeRatio: sizes.changeRatio ?? usualSizeLimits.changeRatio,
    changeBytes: sizes.changeBytes ?? usualSizeLimits.changeBytes,
  };
}

/** Alert rules over the metrics of `--metrics-file`, as Prometheus reads them (`rule_files:`). */

import { usualSizeLimits } from '../../domain/size-check.ts';
import type { ExportKind } from './export-kind.ts';
import { alertRules } from './prometheus-rules.ts';

export const prometheusExport: ExportKind = {
  name: 'prometheus',
  summary: 'alert rules for the metrics of --metrics-file',
  render: async (context) => {
    const { sizes } = await context.configuration();
    const content = alertRules({ smallBytes: sizes.warnBelowBytes ?? usualSizeLimits.smallBytes ?? 0 });
    return [{ name: 'holdfast-rules.yml', content }];
  },
};

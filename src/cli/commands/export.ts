import { cronExport } from '../export/cron.ts';
import { dockerExport } from '../export/docker.ts';
import { exportCommand } from '../export/export-command.ts';
import { githubExport } from '../export/github.ts';
import { kubernetesExport } from '../export/kubernetes.ts';
import { prometheusExport } from '../export/prometheus.ts';
import { systemdExport } from '../export/systemd.ts';

export const command = exportCommand([
  cronExport,
  systemdExport,
  githubExport,
  kubernetesExport,
  dockerExport,
  prometheusExport,
]);

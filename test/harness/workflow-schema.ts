/** What GitHub's own parser and schema of workflows say of one (@actions/workflow-parser). */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

// It imports its schema without saying that it is JSON, which bundlers take and Node.js refuses.
const hooks = registerHooks({
  load: (url, context, next) => {
    if (!/\/@actions\/.*\.json$/.test(url)) return next(url, context);
    const source = `export default ${readFileSync(fileURLToPath(url), 'utf8')}`;
    return { format: 'module', source, shortCircuit: true };
  },
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
hooks.deregister();

export async function workflowComplaints(content: string): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name: 'holdfast.yml', content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

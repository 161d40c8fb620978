/** The address of a worker thread's file beside the caller: `.ts` in a checkout, `.js` when compiled. */
export function workerUrl(name: string, importMetaUrl: string): URL {
  return new URL(`./${name}${importMetaUrl.endsWith('.ts') ? '.ts' : '.js'}`, importMetaUrl);
}

/**
 * The value of `--dbname` for PostgreSQL's tools. They take a connection string there, so a database whose name holds
 * `=` or looks like a URL must be quoted (documentation, "Keyword/Value Connection Strings"). Everything else about the
 * connection goes by environment.
 */
export function databaseArgument(name: string): string {
  return `--dbname=dbname='${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** What can go wrong with a PostgreSQL server and its tools, in the words of the command line. */

import { declareErrors } from '../../domain/error.ts';

export const postgresErrors = declareErrors({
  'invalid-target': {
    exit: 2,
    meaning: 'The address of the database could not be understood.',
    remedy: 'Write it as postgres://user:password@host:5432/database, with special characters percent-encoded.',
  },
  'server-unreachable': {
    exit: 16,
    meaning: 'No PostgreSQL server answered at the address.',
    remedy: 'Check that the server runs, that host and port are right, and that no firewall is in between.',
    retry: true,
  },
  'server-starting': {
    exit: 16,
    meaning: 'The server is starting up, shutting down or recovering and takes no connections yet.',
    remedy: 'Try again in a moment.',
    retry: true,
  },
  'server-gone': {
    exit: 16,
    meaning: 'The connection to the server was lost in the middle of the work.',
    remedy:
      'Look into the server log for the reason (restart, terminated session, out of memory), then run it again. When it breaks at the same place each time, see `holdfast doctor --damage`.',
    retry: true,
  },
  'too-many-connections': {
    exit: 16,
    meaning: 'The server, the database or the role has no free connection.',
    remedy: 'Try again when fewer sessions are connected, or raise max_connections or the connection limit.',
    retry: true,
  },
  'password-refused': {
    exit: 16,
    meaning: 'The server refused the password, or wants one and none was given.',
    remedy: 'Check user and password; in a URL, special characters of the password are percent-encoded.',
  },
  'role-missing': {
    exit: 16,
    meaning: 'The user does not exist on the server.',
    remedy: 'Check the user in the address.',
  },
  'access-refused': {
    exit: 16,
    meaning: 'The server does not let this user connect from here or to this database.',
    remedy: 'Check pg_hba.conf on the server, the CONNECT privilege on the database, and sslmode.',
  },
  'database-missing': {
    exit: 16,
    meaning: 'The server has no database of this name.',
    remedy: 'Check the name of the database in the address; names are case-sensitive.',
  },
  'tls-failed': {
    exit: 16,
    meaning: 'An encrypted connection was asked for and could not be made.',
    remedy:
      'Check sslmode and sslrootcert; the certificate must be valid and, with verify-full, made out to this host.',
  },
  'query-failed': {
    exit: 1,
    meaning: 'The server answered a statement of ours with an error.',
    remedy: 'The message is the server’s own; its log may say more.',
  },
  'client-missing': {
    exit: 1,
    meaning: 'PostgreSQL’s client tools (pg_dump, pg_restore, …) were not found.',
    remedy: 'Install PostgreSQL’s client package, or name its folder in HOLDFAST_PG_BIN.',
  },
  'client-too-old': {
    exit: 1,
    meaning: 'All client tools found are older than the server; pg_dump refuses such a server.',
    remedy: 'Install the client tools of the server’s version, or name their folder in HOLDFAST_PG_BIN.',
  },
  'server-binaries-missing': {
    exit: 1,
    meaning: 'No PostgreSQL server programs of a fitting version are on this machine.',
    remedy: 'Install the PostgreSQL server package, or name another server for the work.',
  },
  'server-too-old': {
    exit: 1,
    meaning: 'The server is older than PostgreSQL 13.',
    remedy: 'Upgrade the server; dumps are taken from PostgreSQL 13 and newer.',
  },
  'not-ready-for-backup': {
    exit: 1,
    meaning: 'A check before the backup found something that would make it fail or be incomplete.',
    remedy: 'Run `holdfast doctor` to see every finding.',
  },
  'lock-timeout': {
    exit: 1,
    meaning: 'Another session holds a lock on a table that has to be read.',
    remedy: 'Wait for that session to end, or allow a longer wait for locks.',
    retry: true,
  },
  'lock-overtaken': {
    exit: 1,
    meaning: 'A session that waits for an exclusive lock came before pg_dump and would wait for the backup to end.',
    remedy: 'Run the backup when no migration, TRUNCATE or VACUUM FULL is under way.',
    retry: true,
  },
  'lock-table-full': {
    exit: 1,
    meaning: 'The server’s lock table has no room for every table of the database.',
    remedy: 'Raise max_locks_per_transaction on the server (it needs a restart).',
  },
  'tables-changing': {
    exit: 1,
    meaning: 'Tables were created or dropped each time a snapshot was taken.',
    remedy: 'Run the backup again when no migration is running.',
    retry: true,
  },
  'pattern-invalid': {
    exit: 2,
    meaning: 'A pattern for names of databases cannot be read.',
    remedy: 'Write it as for pg_dumpall: test_* for all that begin so; "My.App" in double quotes for a name as it is.',
  },
  'nothing-in-scope': {
    exit: 1,
    meaning: 'No table or schema of the database matches the chosen names.',
    remedy: 'Check the patterns: they are those of pg_dump, names in capitals need double quotes.',
  },
  'dump-failed': {
    exit: 1,
    meaning: 'pg_dump could not read the database to its end.',
    remedy: 'The message is pg_dump’s own.',
  },
  'sql-failed': {
    exit: 1,
    meaning: 'pg_restore could not write the archive as SQL.',
    remedy: 'The message is pg_restore’s own.',
  },
  'globals-failed': {
    exit: 1,
    meaning: 'Roles and settings of the server could not be read, and a dump needs them to be restored elsewhere.',
    remedy: 'The message is pg_dumpall’s own; the user must be allowed to read pg_roles and pg_tablespace.',
  },
});

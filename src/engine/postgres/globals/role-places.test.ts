import { expect, test } from 'vitest';
import {
  rewriteDefaultPrivilege,
  rewritePolicy,
  rewritePrivilege,
  rewriteSetting,
  rewriteUserMapping,
} from './role-places.ts';

const onRole = (name: string): string => (name === 'app' ? 'New "App"' : name);

test.each([
  ['GRANT SELECT ON TABLE public.app TO app', 'GRANT SELECT ON TABLE public.app TO "New ""App"""'],
  [
    'GRANT SELECT(app) ON TABLE app.app TO "app" WITH GRANT OPTION',
    'GRANT SELECT(app) ON TABLE app.app TO "New ""App""" WITH GRANT OPTION',
  ],
  ['GRANT ALL ON FUNCTION f(app text) TO b, app', 'GRANT ALL ON FUNCTION f(app text) TO b, "New ""App"""'],
  ['REVOKE ALL ON SCHEMA "to" FROM PUBLIC', 'REVOKE ALL ON SCHEMA "to" FROM PUBLIC'],
  ['GRANT USAGE ON SCHEMA app TO option', 'GRANT USAGE ON SCHEMA app TO option'],
  ['GRANT USAGE ON SCHEMA s TO "App"', 'GRANT USAGE ON SCHEMA s TO "App"'],
  ['SET SESSION AUTHORIZATION app', 'SET SESSION AUTHORIZATION "New ""App"""'],
  ['RESET SESSION AUTHORIZATION', 'RESET SESSION AUTHORIZATION'],
])('of a privilege only roles are replaced: %s', (sql, wanted) => {
  expect(rewritePrivilege(sql, onRole)).toBe(wanted);
});

test.each(['GRANT app TO b', 'GRANT SELECT ON t TO app; DROP TABLE t', 'DELETE FROM app', 'GRANT SELECT ON t TO'])(
  'what is no privilege is not guessed at: %s',
  (sql) => {
    expect(rewritePrivilege(sql, onRole)).toBeNull();
  },
);

test('default privileges name the role that creates, and the one that is given', () => {
  const sql = 'ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA app GRANT SELECT ON TABLES TO app, r';
  expect(rewriteDefaultPrivilege(sql, onRole)).toBe(
    'ALTER DEFAULT PRIVILEGES FOR ROLE "New ""App""" IN SCHEMA app GRANT SELECT ON TABLES TO "New ""App""", r',
  );
});

test('a policy names roles behind TO; its expressions stay', () => {
  const sql = `CREATE POLICY app ON public.app AS RESTRICTIVE FOR SELECT TO app, r USING ((who = 'app'::name) AND (app > 1))`;
  expect(rewritePolicy(sql, onRole)).toBe(sql.replace('TO app, r', 'TO "New ""App""", r'));
  const everyone = `CREATE POLICY p ON t USING (current_user = 'app')`;
  expect(rewritePolicy(everyone, onRole)).toBe(everyone);
});

test('a user mapping and the settings of a role in a database name one role', () => {
  expect(rewriteUserMapping(`CREATE USER MAPPING FOR app SERVER app OPTIONS ("user" 'app')`, onRole)).toBe(
    `CREATE USER MAPPING FOR "New ""App""" SERVER app OPTIONS ("user" 'app')`,
  );
  expect(rewriteSetting(`ALTER ROLE app IN DATABASE app SET search_path TO 'app'`, onRole)).toBe(
    `ALTER ROLE "New ""App""" IN DATABASE app SET search_path TO 'app'`,
  );
  expect(rewriteSetting(`ALTER DATABASE app SET work_mem TO '1MB'`, onRole)).toBe(
    `ALTER DATABASE app SET work_mem TO '1MB'`,
  );
});

import { describe, expect, it } from 'vitest';
import { describeStep, isSecretVariable, stepEnvironment, withoutSecrets } from './hook.ts';

const facts = { operation: 'restore', database: 'app', backup: null, outcome: 'running', error: null } as const;

describe('the environment of a step', () => {
  it.each([
    ['DB_PASSWORD', 'x', true],
    ['PGPASSWORD', 'x', true],
    ['RAILWAY_TOKEN', 'x', true],
    ['AWS_SECRET_ACCESS_KEY', 'x', true],
    ['SLACK_WEBHOOK_URL', 'https://x', true],
    ['DATABASE_URL', 'postgres://me@h/db', true],
    ['ANY', 'redis://:pw@h', true],
    ['ANY', 'postgres://me:pw@h/db', true],
    ['ANY', 'https://example.com/a@b', false],
    ['DB_PASSWORD_FILE', '/run/secrets/db', false],
    ['PATH', '/bin:/usr/bin', false],
    ['KUBECONFIG', '/home/me/.kube/config', false],
  ])('%s=%s is a secret: %s', (name, value, expected) => {
    expect(isSecretVariable(name, value)).toBe(expected);
  });

  it('lets through by name what is asked for, and says what is not there', () => {
    const surrounding = {
      variables: { HOME: '/me', A_TOKEN: 'tok', B_TOKEN: 'other' },
      url: 'postgres://me:pass@h/db',
    };
    const step = { env: ['A_TOKEN', 'DATABASE_URL', 'NOT_SET'] };
    const { variables, secrets, missing } = stepEnvironment('beforeSwap', step, facts, surrounding);
    expect(variables).toEqual({
      ...{ HOME: '/me', A_TOKEN: 'tok', DATABASE_URL: 'postgres://me:pass@h/db' },
      ...{ HOLDFAST_HOOK: 'beforeSwap', HOLDFAST_OPERATION: 'restore', HOLDFAST_DATABASE: 'app' },
      ...{ HOLDFAST_BACKUP: '', HOLDFAST_OUTCOME: 'running', HOLDFAST_ERROR: '' },
    });
    expect(missing).toEqual(['NOT_SET']);
    expect(withoutSecrets('connecting to postgres://me:pass@h/db with pass', secrets)).toBe('connecting to … with …');
  });
});

describe('a step in a plan', () => {
  it('is one short line', () => {
    const base = { timeoutMs: 1, env: [] };
    expect(describeStep({ ...base, command: { kind: 'program', argv: ['pm2', 'stop', 'app'] } })).toBe('pm2 stop app');
    const line = describeStep({ ...base, command: { kind: 'shell', line: `a\n  b ${'x'.repeat(200)}` } });
    expect(line).toMatch(/^sh: a b x+…$/);
    expect(line.length).toBe(80);
  });
});

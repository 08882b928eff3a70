import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import type { Config } from '../../src/config/schema.ts';
import { protectionLines } from '../../src/github/environments.ts';
import { backendConfig } from '../helpers/configs.ts';
import { folderWith } from '../helpers/folder.ts';

/** Roles for the repository of the example config with these subjects. */
function configOf(subjects: Readonly<Record<string, readonly string[]>>, issuer?: string): Config {
  const config = backendConfig();
  const [role] = config.roles;
  config.roles = [];
  if (issuer !== undefined) config.oidcProvider.url = issuer;
  const parsed = parseConfig(JSON.stringify(config), 'crc.config.json');
  return {
    ...parsed,
    roles: Object.entries(subjects).map(([name, list]) => ({
      ...parseConfig(JSON.stringify({ ...config, roles: [role] }), 'crc.config.json').roles[0],
      name,
      trust: { repository: 'me/resume', subjects: list },
    })) as Config['roles'],
  };
}

/** The arguments of each call of `gh` when these lines are run in a shell. The user's id is 7. */
function ghCalls(lines: readonly string[]): readonly (readonly string[])[] {
  const bin = folderWith({
    gh: '#!/bin/sh\ncase "$*" in *"user --jq .id") echo 7; exit;; esac\nfor word; do printf "%s\\0" "$word"; done\nprintf "\\0"\n',
  });
  chmodSync(join(bin, 'gh'), 0o755);
  const out = execFileSync('/bin/sh', ['-ec', lines.join('\n')], { env: { PATH: bin }, cwd: bin, encoding: 'utf8' });
  return out
    .split('\0\0')
    .slice(0, -1)
    .map((call) => call.split('\0'));
}

const RULE = [
  '-F',
  'deployment_branch_policy[protected_branches]=false',
  '-F',
  'deployment_branch_policy[custom_branch_policies]=true',
];

describe('commands that protect an environment', () => {
  it('allow one branch, and require a reviewer', () => {
    const lines = protectionLines(
      configOf({
        apply: ['environment:production'],
        verify: ['ref:refs/heads/trunk'],
        deploy: ['environment:production'],
      }),
    );
    expect(lines[1]).toBe('# Restrict it to "trunk" (replaces its existing rules):');
    expect(protectionLines(configOf({ apply: ['environment:production'] }))[1]).toBe(
      '# Restrict it to "main", or the branch that you deploy (replaces its existing rules):',
    );
    expect(lines[0]).toBe(
      '# Until the environment "production" of me/resume is protected, workflows on any branch can assume apply, deploy.',
    );
    const path = 'repos/me/resume/environments/production';
    expect(ghCalls(lines)).toEqual([
      ['api', '--method', 'PUT', path, ...RULE],
      ['api', '--method', 'POST', `${path}/deployment-branch-policies`, '-f', 'name=trunk', '-f', 'type=branch'],
      ['api', '--method', 'PUT', path, ...RULE, '-F', 'reviewers[][type]=User', '-F', 'reviewers[][id]=7'],
    ]);
  });

  it.each(['Production%3AV1', "it's", '$(id)', '`id`', '{owner}', 'a/b#d', 'Zürich', '-rf', 'a\nrm -rf x', '100%'])(
    'name exactly the environment %j',
    (name) => {
      const calls = ghCalls(protectionLines(configOf({ apply: [`environment:${name}`] })));
      expect(calls).toHaveLength(3);
      const [, , , path = ''] = calls[0] ?? [];
      expect(decodeURIComponent(path)).toBe(`repos/me/resume/environments/${name.replaceAll('%3A', ':')}`);
      // Contains no characters with a special meaning for gh or in URLs, except for the path's slashes.
      expect(path).toMatch(/^repos\/me\/resume\/environments\/[^/?#{}:]+$/);
    },
  );

  it('use the server of the issuer, and exist only for GitHub', () => {
    const subjects = { apply: ['environment:production'] };
    const enterprise = protectionLines(configOf(subjects, 'https://ghe.corp.example/_services/token'));
    expect(ghCalls(enterprise).map((call) => call.slice(0, 3))).toEqual(
      [1, 2, 3].map(() => ['api', '--hostname', 'ghe.corp.example']),
    );
    expect(protectionLines(configOf(subjects, 'https://gitlab.com'))).toEqual([]);
    expect(protectionLines(configOf({ plan: ['pull_request'], any: ['*', 'environment:*'] }))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { roleDocuments } from '../../src/config/role-documents.ts';
import { roleWarnings } from '../../src/config/role-warnings.ts';
import { protections } from '../../src/github/environments.ts';
import { rolesOfRepository } from '../../src/policies/trust.ts';
import { exampleConfig } from '../helpers/configs.ts';

const PLACE = { accountId: '123456789012', region: 'eu-west-2' };

function parsed() {
  const config = exampleConfig();
  config.roles[0].path = '/ci/';
  config.roles[0].trust = [
    { repository: 'o/site', subjects: ['ref:refs/heads/main'] },
    { repository: 'o/api', ownerId: 1, repositoryId: 2, subjects: ['environment:production', 'ref:refs/heads/*'] },
  ];
  config.roles[0].inlinePolicies = { Site: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }] };
  return parseConfig(JSON.stringify(config), 'crc.config.json');
}

describe('a role that trusts several repositories', () => {
  const config = parsed();
  const [role] = config.roles;
  if (role === undefined) throw new Error('no role');

  it('has the subjects of all in one list', () => {
    const [statement] = roleDocuments(config, role, PLACE).trust.Statement;
    expect(statement?.Condition?.StringLike).toEqual({
      'token.actions.githubusercontent.com:sub': [
        'repo:o/site:ref:refs/heads/main',
        'repo:o/api:environment:production',
        'repo:o/api:ref:refs/heads/*',
        'repo:o@1/api@2:environment:production',
        'repo:o@1/api@2:ref:refs/heads/*',
      ],
    });
  });

  it('is, for one of them, a role of that repository only', () => {
    expect(rolesOfRepository(config.roles, 'o/site').map(({ trust }) => trust.subjects)).toEqual([
      ['ref:refs/heads/main'],
    ]);
    expect(rolesOfRepository(config.roles, 'o/none')).toEqual([]);
  });

  it('has warnings with the path of each subject, and of each list of statements', () => {
    const messages = roleWarnings(role, 'roles[0]').map(({ message }) => message);
    expect(messages).toEqual([
      expect.stringMatching(
        /^roles\[0\]\.trust\[1\]\.subjects\[1\]: "ref:refs\/heads\/\*" lets any branch do nearly anything/,
      ),
      expect.stringMatching(/^roles\[0\]\.trust\[1\]\.subjects\[0\]: .*repos\/o\/api\/environments\/production/),
      expect.stringMatching(/^roles\[0\]\.inlinePolicies\.Site\[0\]: allows iam:/),
    ]);
  });

  it('lists the environments of each repository for protection', () => {
    expect(protections(config).map(({ repository, name }) => [repository, name])).toEqual([['o/api', 'production']]);
  });
});

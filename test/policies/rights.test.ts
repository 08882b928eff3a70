import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { allows, lostRights, surplusRights } from '../../src/policies/rights.ts';

const TABLE = 'arn:aws:dynamodb:eu-west-2:123456789012:table/Visits';
const allow = (Action: Json, Resource: Json = TABLE, more: object = {}): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource, ...more }],
});

describe('lost permissions', () => {
  it.each<[string, Json, Json, string | undefined]>([
    ['an action', allow(['dynamodb:GetItem', 'dynamodb:UpdateItem']), allow('dynamodb:UpdateItem'), 'dynamodb:GetItem'],
    ['in other letters', allow('DynamoDB:getItem'), allow('dynamodb:GetItem'), undefined],
    ['of a wider action', allow('dynamodb:*'), allow('dynamodb:UpdateItem'), 'dynamodb:*'],
    ['of a narrower policy', allow('dynamodb:UpdateItem'), allow('dynamodb:*'), undefined],
    ['a resource', allow('dynamodb:GetItem', '*'), allow('dynamodb:GetItem'), 'dynamodb:GetItem on *'],
    [
      'a resource of several actions, which is named once',
      {
        Statement: [
          { Effect: 'Allow', Action: ['iam:GetRole', 'iam:ListRoles', 's3:*'], Resource: ['arn:one', 'arn:two'] },
        ],
      },
      allow(['iam:GetRole', 'iam:ListRoles'], 'arn:one'),
      's3:*; iam:GetRole, iam:ListRoles on arn:two',
    ],
    ['everything', allow('a:B'), null, 'a:B'],
    ['denied actions', { Statement: { Effect: 'Deny', Action: 'a:B', Resource: '*' } }, null, undefined],
    [
      'all but some',
      { Statement: { Effect: 'Allow', NotAction: ['iam:*', 'sts:*'], Resource: '*' } },
      allow('a:B'),
      'all but iam:* and sts:*',
    ],
    ['nothing at all', null, null, undefined],
  ])('%s', (_, before, after, text) => {
    expect(lostRights(before, after)).toEqual(text === undefined ? undefined : { all: text, brief: undefined });
  });

  it('are found in two long lists, whose pairs are too many to be compared with each other', () => {
    const actions = Array.from({ length: 300 }, (_, index) => `a:Action${index}`);
    const resources = Array.from({ length: 150 }, (_, index) => `arn:${index}`);
    const { all } = lostRights(allow(actions, resources), allow(actions, resources.slice(1))) ?? {};
    expect(all).toBe(`${actions.join(', ')} on arn:0`);
  });

  it('are all listed, or only the first twelve in brief', () => {
    const actions = (count: number) => Array.from({ length: count }, (_, index) => `a:Action${index}`);
    expect(lostRights(allow(actions(12)), null)).toEqual({ all: actions(12).join(', '), brief: undefined });
    expect(lostRights(allow(actions(15)), null)).toEqual({
      all: actions(15).join(', '),
      brief: `${actions(12).join(', ')}, and 3 more`,
    });
    const resources = Array.from({ length: 14 }, (_, index) => `arn:${index}`);
    const onResources = (of: readonly string[]) => of.map((resource) => `a:B on ${resource}`).join('; ');
    expect(lostRights(allow('a:B', resources), allow('a:B', 'arn:other'))).toEqual({
      all: onResources(resources),
      brief: `${onResources(resources.slice(0, 12))}; and 2 more`,
    });
  });
});

describe('permissions beyond other documents', () => {
  it.each<[string, Json, readonly Json[], string | undefined]>([
    ['nothing', {}, [], undefined],
    [
      'each with its resource',
      allow(['a:B', 'a:C', 'a:B'], ['*', 'arn:one']),
      [],
      'a:B, a:C on *; a:B, a:C on arn:one',
    ],
    ['actions that one of several documents allows', allow(['a:B', 'a:C']), [allow('a:B'), allow('a:*')], undefined],
    [
      'actions that no document allows',
      allow(['s3:GetObject', 's3:DeleteObject'], 'arn:b/*'),
      [allow('s3:Get*', 'arn:*')],
      's3:DeleteObject on arn:b/*',
    ],
  ])('%s', (_, document, allowed, text) => {
    expect(surplusRights(document, allowed)?.all).toBe(text);
  });
});

describe('a document', () => {
  const documentWith = (statement: object) => ({ Statement: { Effect: 'Allow', ...statement } });
  it.each([
    ['the action on the resource', documentWith({ Action: 'a:Get', Resource: 'arn:1' }), true],
    ['the action in different case', documentWith({ Action: 'A:get', Resource: 'arn:1' }), true],
    [
      'a wider action and a wider resource',
      documentWith({ Action: ['b:*', 'a:*'], Resource: ['arn:2', 'arn:*'] }),
      true,
    ],
    ['the action on a different resource', documentWith({ Action: 'a:Get', Resource: 'arn:2' }), false],
    ['a different action', documentWith({ Action: 'a:Put', Resource: '*' }), false],
    ['all but other actions', documentWith({ NotAction: 'a:Put', Resource: '*' }), true],
    ['all but the action', documentWith({ NotAction: 'a:G*', Resource: '*' }), false],
    ['all but other resources', documentWith({ Action: '*', NotResource: 'arn:2' }), true],
    ['all but the resource', documentWith({ Action: '*', NotResource: 'arn:*' }), false],
    ['denied actions', { Statement: { Effect: 'Deny', Action: '*', Resource: '*' } }, false],
    ['nothing', null, false],
  ])('allows %s', (_, document, isAllowed) => {
    expect(allows(document, 'a:Get', 'arn:1')).toBe(isAllowed);
  });

  it('allows an action on one of the possible resources', () => {
    expect(allows(documentWith({ Action: 'a:Get', Resource: 'arn:table/Visits' }), 'a:Get', 'arn:table/*')).toBe(true);
    expect(allows(documentWith({ Action: 'a:Get', Resource: 'arn:bucket' }), 'a:Get', 'arn:table/*')).toBe(false);
  });
});

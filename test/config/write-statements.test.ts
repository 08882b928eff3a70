import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withStatements } from '../../src/config/write-statements.ts';

const allow = (Sid: string, Action: string) => ({ Sid, Effect: 'Allow', Action, Resource: '*' });

const BEFORE = `{
  // why
  "roles": [
    { "name": "A" },
    {
      "name": "B",
      "statements": [
        // mine
        { "Sid": "Mine", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" },
        { "Sid": "FromTerraformOld", "Effect": "Allow", "Action": "a:Old", "Resource": "*" },
        // before
        { "Sid": "FromTerraformKept", "Effect": "Allow", "Action": "a:Kept", "Resource": "*" }, // trailing
        { "Effect": "Deny", "Action": "iam:*", "Resource": "*" },
      ],
      "crc": ["verify"]
    }
  ]
}
`;

describe('statements in the text of a config', () => {
  it("are added, replaced by name and removed; comments, order and the user's own statements are kept", () => {
    const after = withStatements(BEFORE, [
      { role: 0, statements: [allow('FromTerraformNew', 'a:New')] },
      { role: 1, statements: [allow('FromTerraformKept', 'a:Changed'), allow('FromTerraformNew', 'a:New')] },
    ]);
    expect(after).toMatchInlineSnapshot(`
      "{
        // why
        "roles": [
          {
            "name": "A",
            "statements": [
              {
                "Sid": "FromTerraformNew",
                "Effect": "Allow",
                "Action": "a:New",
                "Resource": "*"
              }
            ]
          },
          {
            "name": "B",
            "statements": [
              // mine
              { "Sid": "Mine", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" },
              // before
              {
                "Sid": "FromTerraformKept",
                "Effect": "Allow",
                "Action": "a:Changed",
                "Resource": "*"
              }, // trailing
              { "Effect": "Deny", "Action": "iam:*", "Resource": "*" },
              {
                "Sid": "FromTerraformNew",
                "Effect": "Allow",
                "Action": "a:New",
                "Resource": "*"
              },
            ],
            "crc": ["verify"]
          }
        ]
      }
      "
    `);
  });

  it('are identical the second time, to the byte', () => {
    const roles = [{ role: 1, statements: [allow('FromTerraformKept', 'a:Kept')] }];
    const once = withStatements(BEFORE, roles);
    expect(withStatements(once, roles)).toBe(once);
    expect(once).not.toContain('a:Old');
  });

  it('keep plain JSON plain JSON, whatever it contains and whatever is added', () => {
    const names = fc.uniqueArray(
      fc.constantFrom('Mine', 'FromTerraformA', 'FromTerraformB', 'FromTerraformC', 'Other'),
    );
    fc.assert(
      fc.property(names, names, fc.constantFrom(undefined, 2, '\t'), (previous, current, indent) => {
        const text = JSON.stringify(
          { roles: [{ statements: previous.map((Sid) => allow(Sid, 'a:Old')) }] },
          null,
          indent,
        );
        const generated = current.filter((name) => name.startsWith('From'));
        const after = withStatements(text, [{ role: 0, statements: generated.map((Sid) => allow(Sid, 'a:New')) }]);
        const sids = JSON.parse(after).roles[0].statements.map(({ Sid }: { Sid: string }) => Sid);
        const stay = previous.filter((name) => !name.startsWith('From') || generated.includes(name));
        expect(sids).toEqual([...stay, ...generated.filter((name) => !previous.includes(name))]);
      }),
    );
  });

  it('do not change a role without any', () => {
    expect(withStatements(BEFORE, [{ role: 0, statements: [] }])).toBe(BEFORE);
  });

  it("keep the file's line breaks, indentation and byte order mark", () => {
    const text = '\uFEFF{\r\n\t"roles": [\r\n\t\t{ "statements": [] }\r\n\t]\r\n}\r\n';
    const after = withStatements(text, [{ role: 0, statements: [allow('FromTerraformA', 'a:A')] }]);
    expect(after.startsWith('\uFEFF{\r\n')).toBe(true);
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
    expect(after).toMatch(/\r\n\t+"Sid": "FromTerraformA"/);
  });
});

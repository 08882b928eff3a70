import { expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/index.ts';
import { checkDocument, DOCUMENTS } from '../helpers/documents.ts';
import { jsonPage } from '../helpers/json-page.ts';

it('docs/json.md is generated from the schemas by `npm run docs`', async () => {
  await expect(jsonPage()).toMatchFileSnapshot('../../docs/json.md');
});

it('every command has a document', () => {
  const names = COMMANDS.filter(({ isGroup, listing }) => !isGroup && listing !== 'none').map(({ name }) => name);
  expect(names.filter((name) => !(name in DOCUMENTS))).toEqual([]);
});

it('a document with a key that is not in its schema is rejected', () => {
  expect(() => checkDocument('{"version":1,"command":"workflow","yaml":""}')).not.toThrow();
  expect(() => checkDocument('{"version":1,"command":"workflow","yaml":"","more":1}')).toThrow(
    /The document of workflow/,
  );
  expect(() => checkDocument('{"version":1,"command":"workflow","status":"failed","error":{}}')).toThrow(/message/);
});

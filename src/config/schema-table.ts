import * as z from 'zod/mini';
import { tableName } from './names.ts';
import { capacity } from './schema-backend.ts';
import { documentation, text } from './schema-values.ts';
import { attributeName, itemProblem } from './table-item.ts';

/** The table of a function. */
export const functionTable = z
  .strictObject({
    name: text(tableName, {
      description: 'Name of the table.',
      examples: ['Visits'],
      minLength: 3,
      maxLength: 255,
    }),
    hashKey: text(attributeName, {
      description: 'Name of its partition key.',
      examples: ['Id'],
      minLength: 1,
      maxLength: 255,
    }),
    hashKeyType: z._default(z.enum(['S', 'N']), 'S').register(documentation, {
      description: 'Type of the partition key: S for a string, N for a number.',
      examples: ['S'],
    }),
    capacity: z._default(capacity, 'on-demand'),
    access: z._default(z.enum(['update', 'read-write', 'read']), 'update').register(documentation, {
      description:
        'What the function may do with the items: "update" is only UpdateItem, enough for a counter that uses ADD; "read" gets, queries and scans; "read-write" adds puts, updates and deletes.',
      examples: ['read-write'],
    }),
    item: z.optional(z.record(text(attributeName), z.unknown())).register(documentation, {
      description:
        'An initial item of the table, as plain JSON with its key. crc writes it if it does not exist, and never changes it.',
      examples: [{ Id: 'cv', VisitTotal: 0 }],
    }),
  })
  .check(
    z.superRefine(({ hashKey, hashKeyType, item }, context) => {
      const problem = item === undefined ? undefined : itemProblem(item, { hashKey, hashKeyType });
      if (problem === undefined) return;
      context.addIssue({ code: 'custom', path: ['item', ...problem.path], message: problem.message });
    }),
  )
  .register(documentation, {
    description:
      'A DynamoDB table for the function. Apart from what its own statements allow, the function may use the items of this table only.',
    examples: [{ name: 'Visits', hashKey: 'Id' }],
  });

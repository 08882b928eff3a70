import { expectTypeOf, it } from 'vitest';
import type { Spec } from '../../src/engine/types.ts';

type Complete = Spec<{ readonly name: string; readonly size: number }>;

/** Properties that a spec may omit. */
type Optional = { [K in keyof Complete]: Omit<Complete, K> extends Complete ? K : never }[keyof Complete];

it('a resource without the actions of a command does not compile', () => {
  expectTypeOf<Exclude<keyof Complete, Optional>>().toEqualTypeOf<
    'id' | 'type' | 'name' | 'want' | 'read' | 'create' | 'set' | 'removal' | 'actions' | 'address' | 'terraform'
  >();
  expectTypeOf<'none'>().toExtend<Complete['address']>();
  expectTypeOf<'left out: nobody needs it'>().toExtend<Complete['terraform']>();
  expectTypeOf<'nobody needs it'>().not.toExtend<Complete['terraform']>();
});

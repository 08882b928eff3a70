// What is loaded together, before anything else: it is light, and can be asked for while the rest is loaded.
export { tableItems } from '../terraform/state/table-items.ts';
export { oidcProvider } from './oidc-provider.ts';
export { role } from './role.ts';
export { table } from './table.ts';

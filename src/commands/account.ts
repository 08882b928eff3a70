// The commands that ask AWS, in one module: they have nearly all their code in common, and each file more costs time to open.
export { bootstrap } from './bootstrap.ts';
export { deployFunction } from './deploy-function.ts';
export { destroy } from './destroy.ts';
export { exportToTerraform } from './export.ts';
export { invoke } from './invoke.ts';
export { outputs } from './outputs.ts';
export { permissions } from './permissions.ts';
export { verify } from './verify.ts';

import type { Access } from './access.ts';
import { isEqual } from './literals.ts';
import { checkout, crc, installLibraries, job, logIn, run, type WorkflowInput } from './steps.ts';
import { type Mapping, styled, type Value } from './yaml-document.ts';

export function verifyJob(input: WorkflowInput, access: Access): Mapping {
  const above =
    'Exit code 2: drift. Exit code 1: something could not be read. The report is in the summary of the run.';
  // The libraries are part of the package that is compared.
  const libraries = input.libraries.map(installLibraries);
  return nightlyJob(input, access, ...libraries, styled({ above }, run('Verify', crc(input, 'verify'))));
}

export function stateCheckJob(input: WorkflowInput, access: Access): Mapping {
  const above = 'Exit code 2: a problem, and the log says how to fix it. Exit code 1: something could not be read.';
  return nightlyJob(input, access, styled({ above }, run('Check the states', crc(input, 'state check'))));
}

export function auditJob(input: WorkflowInput, access: Access): Mapping {
  const above = 'Exit code 2: a finding. The report is in the summary of the run; lesser findings are only in it.';
  return nightlyJob(input, access, styled({ above }, run('Audit', crc(input, 'audit --fail-on medium'))));
}

function nightlyJob(input: WorkflowInput, access: Access, ...steps: readonly Value[]): Mapping {
  return { if: EACH_NIGHT, ...job(access), steps: [checkout(), logIn(input, access.role), ...steps] };
}

const EACH_NIGHT = `${isEqual('github.event_name', 'schedule')} || ${isEqual('github.event_name', 'workflow_dispatch')}`;

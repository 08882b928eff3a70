import type { Access } from './access.ts';
import { isEqual } from './literals.ts';
import { checkout, crc, job, logIn, run, type WorkflowInput } from './steps.ts';
import { type Mapping, styled } from './yaml-document.ts';

export function verifyJob(input: WorkflowInput, access: Access): Mapping {
  return {
    if: EACH_NIGHT,
    ...job(access),
    steps: [
      checkout(),
      logIn(input, access.role),
      styled(
        {
          above:
            'Exit code 2: drift. Exit code 1: something could not be read. The report is in the summary of the run.',
        },
        run('Verify', crc(input, 'verify')),
      ),
    ],
  };
}

export function stateCheckJob(input: WorkflowInput, access: Access): Mapping {
  return {
    if: EACH_NIGHT,
    ...job(access),
    steps: [checkout(), logIn(input, access.role), run('Check the states', crc(input, 'state check'))],
  };
}

export function auditJob(input: WorkflowInput, access: Access): Mapping {
  return {
    if: EACH_NIGHT,
    ...job(access),
    steps: [
      checkout(),
      logIn(input, access.role),
      styled(
        { above: 'Exit code 2: a finding. The report is in the summary of the run; lesser findings are only in it.' },
        run('Audit', crc(input, 'audit --fail-on medium')),
      ),
    ],
  };
}

const EACH_NIGHT = `${isEqual('github.event_name', 'schedule')} || ${isEqual('github.event_name', 'workflow_dispatch')}`;

import { BOOTSTRAP_ROLE, type Cause, GITHUB_OIDC, ISSUES, NOT_AUTHORIZED } from './cause.ts';

/** Why a subject does not match the one that a trust policy requires. */
export const SUBJECT_CAUSES = {
  case: {
    message: NOT_AUTHORIZED,
    cause: 'The job presents {value}, but the trust policy requires {wanted}: IAM is case-sensitive.',
    fix: 'Use GitHub’s spelling in {where}: {value}',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/318`,
  },
  'subject-form': {
    message: NOT_AUTHORIZED,
    cause:
      'The job presents the {form} subject {value}, but the trust policy requires {wanted}. Repositories created, renamed or transferred after 2026-07-15 have their ids in the subject.',
    fix: 'Add ownerId and repositoryId to "trust" of the role {role} in crc.config.json, so that the role trusts both forms. This prints them: `gh api repos/{repository} --jq \'{o: .owner.id, r: .id}\'`',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'never-sent': {
    message: NOT_AUTHORIZED,
    cause: 'GitHub never sends {wanted}, which the trust policy requires: {why}.',
    fix: 'Correct it in {where}.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'environment-subject': {
    message: NOT_AUTHORIZED,
    cause:
      'The job uses an environment, so its subject names the environment and nothing else: it presents {context}, but the role trusts {wanted}.',
    fix: 'Add "{context}" to {where}, or remove "environment:" from the job.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/690`,
  },
  'environment-missing': {
    message: NOT_AUTHORIZED,
    cause: 'The role trusts only jobs with an environment ({wanted}), but this job has none: it presents {context}.',
    fix: 'Add "environment:" with that name to the job, or add "{context}" to {where}.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/690`,
  },
  'other-environment': {
    message: NOT_AUTHORIZED,
    cause:
      'The job uses a different environment from the one the role trusts: it presents {context}, but the role trusts {wanted}.',
    fix: 'Add "{context}" to {where}, or change "environment:" in the job.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'pull-request-subject': {
    message: NOT_AUTHORIZED,
    cause: 'A pull request presents {context} instead of a branch, but the role trusts {wanted}.',
    fix: 'Add "pull_request" to {where}, preferably of a read-only role: every pull request in the repository could then assume it.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/377`,
  },
  'event-undocumented': {
    message: NOT_AUTHORIZED,
    cause:
      'GitHub does not document the subject of {event}. Whether it is pull_request or the ref of the pull request, the role trusts neither: it trusts {wanted}.',
    fix: 'Run the job on pull_request, or give it an environment that the role trusts: the subjects of both are documented. The token of a run shows what it is: `crc explain --token FILE`',
    command: 'crc explain --token FILE',
    source: GITHUB_OIDC,
  },
  'tag-subject': {
    message: NOT_AUTHORIZED,
    cause: 'A run for a tag presents {context}, but the role trusts {wanted}.',
    fix: 'Add {tags} to {where}.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'branch-subject': {
    message: NOT_AUTHORIZED,
    cause: 'The role does not trust the branch of this run: the job presents {context}, but the role trusts {wanted}.',
    fix: 'Add {branches} to {where}, or run the job on a trusted branch.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'reusable-workflow': {
    message: NOT_AUTHORIZED,
    cause:
      'In a reusable workflow, sub, ref and repository belong to the calling workflow ({value}); only job_workflow_ref names the called one. The trust policy requires {wanted}.',
    fix: 'Trust the subject of the calling repository in {where}.',
    command: BOOTSTRAP_ROLE,
    source:
      'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows',
  },
  'other-repository': {
    message: NOT_AUTHORIZED,
    cause:
      'The job runs in the repository {repository}, but the role trusts {wanted}. A renamed or transferred repository presents its new name.',
    fix: 'To trust it, set trust.repository to {repository}.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/511`,
  },
  'environment-unknown': {
    message: NOT_AUTHORIZED,
    cause: '{written} is only known during the run, and the role trusts some environments or refs only ({wanted}).',
    fix: 'Check each value that it can have: `crc explain --subject environment:…`',
    command: 'crc explain --subject environment:…',
    source: GITHUB_OIDC,
  },
  'ref-unknown': {
    message: NOT_AUTHORIZED,
    cause: 'The job can run on any of {context}, and the role trusts only some of them ({wanted}).',
    fix: 'Limit the workflow to what the role trusts, with the branches or tags of its trigger or with an "if:" of the job.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'caller-unknown': {
    message: NOT_AUTHORIZED,
    cause:
      'The workflow runs only when another one calls it, and presents what its caller’s run presents. No workflow in its folder calls it.',
    fix: 'Check the workflow that calls it, or a subject: `crc explain --subject …`',
    command: 'crc explain --workflow FILE',
    source:
      'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows',
  },
  'custom-template': {
    message: NOT_AUTHORIZED,
    cause:
      'The repository uses a custom subject template: the job presents {value}, but the trust policy requires {wanted}.',
    fix: 'If nothing else needs the template, restore GitHub’s default: `gh api -X PUT repos/{repository}/actions/oidc/customization/sub -F use_default=true`. Roles that trust the custom subjects then deny the repository.',
    command: 'crc explain',
    source: GITHUB_OIDC,
  },
  'template-unread': {
    message: NOT_AUTHORIZED,
    cause:
      'The subjects of the repository may come from a template of its organization, which crc could not read. Without one the job presents {value}, but the role trusts {wanted}.',
    fix: 'Check a token that a job has: `crc explain --token FILE`',
    command: 'crc explain --token FILE',
    source: GITHUB_OIDC,
  },
  'template-unknown': {
    message: NOT_AUTHORIZED,
    cause:
      'The repository uses a custom subject template with claims that are only known during the run: the job presents {value}, and the role trusts {wanted}.',
    fix: 'Check a token that a job has: `crc explain --token FILE`',
    command: 'crc explain --token FILE',
    source: GITHUB_OIDC,
  },
} as const satisfies Readonly<Record<string, Cause>>;

import { annotations } from '../ui/annotations.ts';
import type { Io } from '../ui/io.ts';
import { planDocument } from '../ui/json.ts';
import { planMarkdown } from '../ui/markdown.ts';
import { reportText } from '../ui/plan.ts';
import { headText } from '../ui/text.ts';
import type { ExplainedFinding, RunView } from '../ui/view.ts';
import type { VerifyOptions } from './definitions/verify.ts';
import { refuseTwoFormats } from './formats.ts';
import { withSession } from './frame.ts';
import { afterVerify } from './next.ts';
import { NO_ORPHANS } from './session.ts';
import { planExitCode, planStatus } from './status.ts';
import { addToSummary } from './step-summary.ts';

/**
 * Compares everything with the config and writes nothing. 0 in sync, 2 anything differs, 1 something could not be read.
 */
export async function verify(options: VerifyOptions, io: Io): Promise<number> {
  refuseTwoFormats(options);
  return await withSession(
    { command: 'verify', options, io, toWrite: false, build: options.build },
    async (session) => {
      const [read, { orphans, unread }] = await Promise.all([
        session.plan({ adopt: false, prune: false }),
        // Resources that are no longer in the config have no finding of their own.
        options.only?.length ? NO_ORPHANS : session.orphans(),
      ]);
      const plan = [...read, ...unread];
      const status = planStatus(plan);
      session.progress.stop();
      await reportToGitHub(session.run(), plan, orphans, options, io);

      const all = [...plan, ...orphans];
      const isOnlyWarned = status === 'in-sync' && all.some(({ warnings }) => warnings.length > 0);
      const failsForWarnings = options.strict === true && isOnlyWarned;
      return {
        exitCode: failsForWarnings ? 2 : planExitCode(plan),
        document: (run) => planDocument(run, status, all),
        text: (run) =>
          options.markdown
            ? `${planMarkdown(run, plan, orphans)}\n`
            : `${headText(run, io.color)}\n\n${reportText(plan, { color: io.color, details: options.details, orphans })}\n`,
        asIs: options.markdown ?? false,
        aside: failsForWarnings ? 'note: --strict: the exit code is 2 because of the warnings\n' : '',
        cost: !options.markdown,
        next: options.markdown ? undefined : afterVerify(plan, options, orphans),
      };
    },
  );
}

/** In a GitHub Actions job: annotations on the run, and the report in its summary. */
async function reportToGitHub(
  run: RunView,
  findings: readonly ExplainedFinding[],
  orphans: readonly ExplainedFinding[],
  options: VerifyOptions,
  io: Io,
): Promise<void> {
  if (io.env.GITHUB_ACTIONS === 'true') for (const line of annotations([...orphans, ...findings])) io.command(line);
  await addToSummary(() => planMarkdown(run, findings, orphans), options, io);
}

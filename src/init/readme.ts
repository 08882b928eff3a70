import { COMMANDS, type PackageManager } from '../package-manager.ts';
import type { FunctionKind } from './config.ts';

/** Identifies the section. */
const HEADING = '## AWS';

/** The section's start. */
function introduction({ install, exec }: (typeof COMMANDS)[PackageManager]): string {
  return `[crc.config.json](crc.config.json) describes what [crc](https://www.npmjs.com/package/crc-bootstrap) creates in the AWS account. Run \`${install}\` first; \`${exec} crc --help\` lists all commands.`;
}

export interface ReadmeInput {
  /** The content of README.md; undefined if it does not exist. */
  readonly text: string | undefined;
  /** The repository's name, as the title of a new file. */
  readonly title: string;
  /**
   * The function's folder, its language, and the commands that check it; undefined if the config does not have crc's
   * function.
   */
  readonly counter:
    | {
        readonly source: string;
        readonly kind: Exclude<FunctionKind, 'none'>;
        /** The commands that check it. */
        readonly checks: readonly string[];
      }
    | undefined;
  readonly hasState: boolean;
  readonly manager: PackageManager;
}

/** README.md with a section for people who work on the project. A file that already has the section is unchanged. */
export function readmeWithSection({ text, title, counter, hasState, manager }: ReadmeInput): string {
  if (text?.split(/\r?\n/).includes(HEADING)) return text;
  const section = sectionOf(counter, hasState, manager);
  if (text === undefined || text.trim() === '') return `# ${title}\n\n${section}`;
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  return `${text.trimEnd()}${end}${end}${section.replaceAll('\n', end)}`;
}

function sectionOf(counter: ReadmeInput['counter'], hasState: boolean, manager: PackageManager): string {
  const commands = COMMANDS[manager];
  const crc = `${commands.exec} crc`;
  const list = [
    ...(counter === undefined ? [] : [testLine(counter)]),
    `- **Sandbox**: \`${crc} sandbox -- sh -c 'crc bootstrap && crc verify'\` tries everything on this machine, without an AWS account.`,
    `- **Deploy**: \`${crc} bootstrap\` shows what will change in AWS, asks, and creates it; \`${crc} verify\` detects drift.`,
    ...(counter === undefined
      ? []
      : [
          `- **Function**: \`${crc} deploy-function\` deploys only new code. It accepts requests from any site; list yours in \`url.cors.allowOrigins\`.`,
        ]),
    `- **Permissions**: \`${crc} permissions bootstrap\` prints the IAM policy that you need for it.`,
    ...(hasState
      ? [
          `- **Terraform**: so far, its roles may only use their state. \`${crc} permissions terraform --write\`, in the folder of the code, finds what your Terraform needs, on this machine, and adds it to the \`statements\` of both roles.`,
        ]
      : []),
  ];
  return `${[HEADING, introduction(commands), list.join('\n')].join('\n\n')}\n`;
}

function testLine({ source, kind, checks }: NonNullable<ReadmeInput['counter']>): string {
  const commands = checks.map((line) => `\`${line}\``).join(' and ');
  const test = `- **Test**: ${commands} ${checks.length === 1 ? 'checks' : 'check'} the function in [${source}](${source}).`;
  return kind === 'typescript' ? test : `${test} It needs \`pip install 'moto[dynamodb]>=5,<6' boto3\`.`;
}

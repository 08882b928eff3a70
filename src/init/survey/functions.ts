import { join, relative } from 'node:path';
import { regularText } from '../../regular-file.ts';
import { slashes } from '../../slashes.ts';
import { foldersBelow } from '../../terraform/source/walk.ts';

/** A folder with the code of a Lambda function. */
export interface FunctionFolder {
  /** Relative to the project, with slashes; `.` for the project itself. */
  readonly directory: string;
  readonly language: 'python' | 'node';
  /** `app.lambda_handler`, as in the config. */
  readonly handler: string;
}

/** A tool that deploys through CloudFormation, in addition to Terraform. */
export interface Framework {
  readonly path: string;
  readonly kind: 'serverless' | 'sam';
}

const NOT_SEARCHED = new Set([
  'node_modules',
  'vendor',
  'dist',
  'build',
  'cdktf.out',
  'venv',
  'site-packages',
  'layers',
]);

/** Enough for a code repository; other folders, such as a home folder, are not searched completely. */
const MAX_FOLDERS = 2_000;
/** Larger files are bundles. */
const MAX_BYTES = 200_000;

const CODE = /^(?!test_|conftest|.*[._-](test|spec)\.)(.+)\.(py|[cm]?[jt]s)$/;
const PYTHON_HANDLER = /^(?:async )?def (lambda_handler|handler)\s*\(\s*\w+[^)]*,\s*\w+/m;
const NODE_HANDLER =
  /^export (?:const|async function|function) (handler|lambdaHandler)\b|^(?:module\.)?exports\.(handler|lambdaHandler)\s*=/m;

const SERVERLESS = /^serverless\.(ya?ml|json|ts)$/;
const TEMPLATE = /^template\.(ya?ml|json)$/;
/** https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html */
const SAM = /AWS::Serverless|AWSTemplateFormatVersion/;

/** Lambda functions and the frameworks that deploy them, below a folder. Links are not followed. */
export async function functionsAndFrameworks(
  root: string,
): Promise<{ readonly functions: readonly FunctionFolder[]; readonly frameworks: readonly Framework[] }> {
  const functions: FunctionFolder[] = [];
  const frameworks: Framework[] = [];
  const isSearched = (name: string) => !name.startsWith('.') && !NOT_SEARCHED.has(name);
  // In a very large tree, deeply nested folders are left out.
  const { folders } = await foldersBelow(root, { isSearched, maxFolders: MAX_FOLDERS });
  for (const { path, names } of folders) {
    const at = slashes(relative(root, path));
    const place = (name: string) => (at === '' ? name : `${at}/${name}`);
    for (const name of names) {
      if (SERVERLESS.test(name)) frameworks.push({ path: place(name), kind: 'serverless' });
      if (TEMPLATE.test(name) && SAM.test(await textOf(join(path, name)))) {
        frameworks.push({ path: place(name), kind: 'sam' });
      }
    }
    const started = await functionIn(path, names);
    if (started !== undefined) functions.push({ directory: at || '.', ...started });
  }
  return { functions, frameworks };
}

/** The first file in a folder that Lambda can load; the others belong to it. */
async function functionIn(path: string, names: readonly string[]) {
  for (const name of names) {
    const [, , module = '', extension] = CODE.exec(name) ?? [];
    if (extension === undefined || name.endsWith('.d.ts')) continue;
    const text = await textOf(join(path, name));
    const isPython = extension === 'py';
    const [, exported, assigned] = (isPython ? PYTHON_HANDLER : NODE_HANDLER).exec(text) ?? [];
    const handler = exported ?? assigned;
    if (handler !== undefined) {
      return { language: isPython ? ('python' as const) : ('node' as const), handler: `${module}.${handler}` };
    }
  }
  return undefined;
}

async function textOf(path: string): Promise<string> {
  // An unreadable file is not treated as a function.
  return await regularText(path, MAX_BYTES).catch(() => '');
}

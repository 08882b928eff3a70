/**
 * The story of crc in about twenty seconds, with its real output: made, checked, changed behind its back, found out, mended,
 * and the visit counter called.
 * Run it in the sandbox: node bin/crc.js sandbox -- node scripts/demo.mjs
 */
import { spawnSync } from 'node:child_process';
import { DeleteTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { GetRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { PutPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';

if (!process.env.AWS_ENDPOINT_URL?.startsWith('http://127.0.0.1:')) {
  throw new Error('The demo changes things: run it in the sandbox (npm run demo), never against real AWS.');
}

// The SDK's warning about its later versions is not about this one.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const CONFIG = ['--config', 'config.example.json'];
const BUCKET = 'abcdef-terraform-state';
const TABLE = 'abcdef-terraform-locking';
const ROLE = 'GitHubActionsTerraformRole';
const FUNCTION = 'IncrementVisits';
const COUNTER_TABLE = 'Visits';

step('1. Make it: one command', ['bootstrap', '--yes'], 0);
step('2. Prove it', ['verify'], 0);

title('3. Somebody changes things behind its back');
await tamper();
say('- opened the bucket to public access');
say('- switched off the deletion protection of the lock table');
say('- let another repository assume the role');
say('- let the visit counter count in another table');

step('4. Found out', ['verify'], 2);
step('5. Fixed', ['bootstrap', '--yes'], 0);
step('6. Proved again', ['verify'], 0);
step('7. A second run has nothing to do', ['bootstrap'], 0);

step('8. The counter answers', ['invoke', FUNCTION, '--local'], 0);
step('9. And counts', ['invoke', FUNCTION, '--local'], 0);

title('10. Somebody deletes its table');
await deleteTable();
step('11. The counter says that it cannot count', ['invoke', FUNCTION, '--local'], 1);
step('12. Deployed again, and tested', ['deploy-function'], 0);
step('13. The counter answers', ['invoke', FUNCTION, '--local'], 0);
say('\nThat was crc on this machine. For your account: see "Use it" in the README.');

/** @param {string} text @param {string[]} command @param {number} expected */
function step(text, command, expected) {
  title(`${text}: crc ${command.join(' ')}`);
  const { status } = spawnSync('crc', [...command, ...CONFIG], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== expected) {
    throw new Error(`The demo failed: "crc ${command.join(' ')}" ended with ${status}, not with ${expected}.`);
  }
  if (expected !== 0) say(`(exit code ${status})`);
}

/** @param {string} text */
function title(text) {
  say(`\n━━━ ${text}\n`);
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}

async function tamper() {
  const s3 = new S3Client({ forcePathStyle: true });
  await s3.send(
    new PutPublicAccessBlockCommand({ Bucket: BUCKET, PublicAccessBlockConfiguration: { BlockPublicAcls: false } }),
  );
  const dynamodb = new DynamoDBClient();
  await dynamodb.send(new UpdateTableCommand({ TableName: TABLE, DeletionProtectionEnabled: false }));
  const lambda = new LambdaClient();
  await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: FUNCTION,
      Environment: { Variables: { TABLE_NAME: 'Elsewhere' } },
    }),
  );
  const iam = new IAMClient();
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: ROLE }));
  const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
  await iam.send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: ROLE,
      PolicyDocument: trust.replace('repo:githubaccountname/githubreponame:*', 'repo:somebody-else/*'),
    }),
  );
}

async function deleteTable() {
  const dynamodb = new DynamoDBClient();
  await dynamodb.send(new UpdateTableCommand({ TableName: COUNTER_TABLE, DeletionProtectionEnabled: false }));
  await dynamodb.send(new DeleteTableCommand({ TableName: COUNTER_TABLE }));
}

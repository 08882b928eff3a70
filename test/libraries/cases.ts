/** A library, and a function that uses it and returns JSON. */
export interface NodeCase {
  readonly name: string;
  /** Other libraries that it needs. */
  readonly also?: readonly string[];
  /** ES module imports before the handler. `require` is available too. */
  readonly imports: string;
  /** The expression that the handler returns. */
  readonly answer: string;
  readonly external?: readonly string[];
}

const byDefault = (name: string) => `import library from '${name}';`;

/** Popular npm packages, and packages that are difficult to bundle: data files, drivers, native modules. */
export const NODE_CASES: readonly NodeCase[] = [
  {
    name: 'axios',
    imports: byDefault('axios'),
    answer: "library.getUri({ url: 'https://a.b/c', params: { d: [1, 2] } })",
  },
  { name: 'uuid', imports: "import { v5, validate } from 'uuid';", answer: "[v5('a', v5.DNS), validate('x')]" },
  { name: 'ulid', imports: "import { decodeTime } from 'ulid';", answer: "decodeTime('01ARYZ6S41TSV4RRFFQ69G5FAV')" },
  {
    name: 'moment',
    imports: byDefault('moment'),
    answer: "library.utc('2020-02-30', 'YYYY-MM-DD', true).isValid() + library.utc(0).format('LLLL')",
  },
  {
    name: 'dayjs',
    imports: "import library from 'dayjs';\nimport utc from 'dayjs/plugin/utc.js';",
    answer: 'library.extend(utc).utc(0).format()',
  },
  {
    name: 'date-fns',
    imports: "import { addDays, formatISO } from 'date-fns';",
    answer: 'addDays(new Date(0), 3).toISOString() + typeof formatISO',
  },
  {
    name: 'luxon',
    imports: "import { DateTime } from 'luxon';",
    answer: "DateTime.fromISO('2020-01-01T00:00:00Z').setZone('Asia/Tokyo').toISO()",
  },
  { name: 'lodash', imports: byDefault('lodash'), answer: 'library.chunk(library.range(5), 2)' },
  { name: 'jsonwebtoken', imports: byDefault('jsonwebtoken'), answer: "library.sign({ a: 1, iat: 1 }, 'k')" },
  {
    name: 'jose',
    imports: "import { decodeJwt } from 'jose';",
    answer: "decodeJwt('eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.')",
  },
  {
    name: 'aws-jwt-verify',
    imports: "import { CognitoJwtVerifier } from 'aws-jwt-verify';",
    answer:
      "typeof CognitoJwtVerifier.create({ userPoolId: 'eu-west-2_abcdefghi', tokenUse: 'id', clientId: 'x' }).verify",
  },
  {
    name: 'winston',
    imports: byDefault('winston'),
    answer: "library.format.json().transform({ level: 'info', message: 'm' }, {})",
  },
  {
    name: 'pino',
    imports: byDefault('pino'),
    answer: 'library({ level: "silent" }).level + library.stdSerializers.err(new Error("x")).type',
  },
  { name: 'pg', imports: byDefault('pg'), answer: "[library.types.getTypeParser(20)('9'), typeof library.Client]" },
  { name: 'mysql2', imports: byDefault('mysql2'), answer: "library.format('select ?', ['a\\'b'])" },
  {
    name: 'knex',
    also: ['pg'],
    imports: byDefault('knex'),
    answer: "library({ client: 'pg' })('t').where({ a: 1 }).toString()",
    external: [
      'mariadb',
      'mysql',
      'mysql2',
      'oracledb',
      'pg-native',
      'pg-query-stream',
      'sqlite3',
      'better-sqlite3',
      'tedious',
    ],
  },
  {
    name: 'ioredis',
    imports: "import { Redis } from 'ioredis';",
    answer: 'typeof new Redis({ lazyConnect: true }).get',
  },
  {
    name: 'mongodb',
    imports: "import { ObjectId } from 'mongodb';",
    answer: "new ObjectId('507f1f77bcf86cd799439011').getTimestamp()",
  },
  { name: 'hashids', imports: byDefault('hashids'), answer: "new library('salt').encode(1, 2, 3)" },
  { name: 'nanoid', imports: "import { customAlphabet } from 'nanoid';", answer: "customAlphabet('a', 4)()" },
  {
    name: 'ua-parser-js',
    imports: "import { UAParser } from 'ua-parser-js';",
    answer: "UAParser('Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0').browser.name",
  },
  { name: 'cross-fetch', imports: byDefault('cross-fetch'), answer: 'typeof library' },
  {
    name: 'express',
    also: ['serverless-http'],
    imports:
      "import express from 'express';\nimport serverless from 'serverless-http';\nconst app = express();\napp.get('/a', (request, response) => response.json({ q: request.query.q }));\nconst call = serverless(app);",
    answer:
      "(await call({ httpMethod: 'GET', path: '/a', queryStringParameters: { q: '1' }, headers: {}, requestContext: {} }, {})).body",
  },
  { name: 'serverless-http', also: ['express'], imports: byDefault('serverless-http'), answer: 'typeof library' },
  { name: 'zod', imports: "import { z } from 'zod';", answer: "z.object({ a: z.coerce.number() }).parse({ a: '1' })" },
  {
    name: 'ajv',
    imports: byDefault('ajv'),
    answer: "new (library.default ?? library)().validate({ type: 'number' }, 'x')",
  },
  {
    name: 'handlebars',
    imports: byDefault('handlebars'),
    answer: "library.compile('{{#each a}}{{this}};{{/each}}')({ a: [1, 2] })",
  },
  { name: 'ejs', imports: byDefault('ejs'), answer: "library.render('<%= a %>', { a: '<' })" },
  { name: 'pug', imports: byDefault('pug'), answer: "library.render('p= a', { a: 1 })" },
  { name: 'cheerio', imports: "import { load } from 'cheerio';", answer: "load('<p>a<b>c')('b').text()" },
  { name: 'marked', imports: "import { marked } from 'marked';", answer: "marked.parse('# a')" },
  {
    name: 'fast-xml-parser',
    imports: "import { XMLParser } from 'fast-xml-parser';",
    answer: "new XMLParser().parse('<a><b>1</b></a>')",
  },
  {
    name: 'iconv-lite',
    imports: byDefault('iconv-lite'),
    answer: "library.encode('ä', 'shift_jis').toString('hex') + library.decode(Buffer.from([0xe4]), 'latin1')",
  },
  { name: 'mime-types', imports: byDefault('mime-types'), answer: "library.lookup('a.html')" },
  {
    name: 'i18n-iso-countries',
    imports: byDefault('i18n-iso-countries'),
    answer: "library.getName('DE', 'en') ?? library.alpha2ToAlpha3('DE')",
  },
  {
    name: 'bcryptjs',
    imports: byDefault('bcryptjs'),
    answer: "library.hashSync('a', '$2a$04$abcdefghijklmnopqrstuu')",
  },
  {
    name: 'pdfkit',
    imports: byDefault('pdfkit'),
    answer: "new library().font('Helvetica').widthOfString('abc')",
    external: ['pdfkit'],
  },
  {
    name: 'sharp',
    imports: byDefault('sharp'),
    answer:
      "(await library({ create: { width: 2, height: 3, channels: 3, background: 'red' } }).png().toBuffer({ resolveWithObject: true })).info.height",
    external: ['sharp'],
  },
  {
    name: 'graphql',
    imports: "import { buildSchema, graphqlSync } from 'graphql';",
    answer: "graphqlSync({ schema: buildSchema('type Query { a: Int }'), source: '{ a }', rootValue: { a: 1 } })",
  },
  {
    name: '@middy/core',
    imports: byDefault('@middy/core'),
    answer: 'await library(async () => 1)({}, { getRemainingTimeInMillis: () => 1000 })',
  },
  {
    name: '@aws-lambda-powertools/logger',
    imports: "import { Logger } from '@aws-lambda-powertools/logger';",
    answer: "new Logger({ serviceName: 's' }).getLevelName()",
  },
  { name: 'aws-sdk', imports: byDefault('aws-sdk'), answer: 'library.DynamoDB.Converter.marshall({ a: [1] })' },
  { name: 'qrcode', imports: byDefault('qrcode'), answer: "(await library.toString('a', { type: 'svg' })).length" },
];

export interface PythonCase {
  /** Name for pip. */
  readonly name: string;
  readonly imports: string;
  readonly answer: string;
}

export const PYTHON_CASES: readonly PythonCase[] = [
  {
    name: 'requests',
    imports: 'import requests',
    answer: 'requests.Request("GET", "https://a.b/c", params={"d": [1, 2]}).prepare().url',
  },
  { name: 'pyyaml', imports: 'import yaml', answer: 'yaml.safe_load("a: [1, {b: c}]")' },
  {
    name: 'numpy',
    imports: 'import numpy, numpy.testing',
    answer: '[float(numpy.linalg.det(numpy.eye(3) * 2)), numpy.testing.__name__]',
  },
  {
    name: 'pydantic',
    imports: 'from pydantic import BaseModel\n\n\nclass A(BaseModel):\n    a: int',
    answer: 'A.model_validate({"a": "1"}).model_dump()',
  },
  {
    name: 'jinja2',
    imports: 'import jinja2',
    answer: 'jinja2.Template("{% for x in a %}{{ x }};{% endfor %}").render(a=[1, 2])',
  },
  { name: 'pyjwt', imports: 'import jwt', answer: 'jwt.encode({"a": 1}, "k" * 32)' },
  {
    name: 'simplejson',
    imports: 'import simplejson\nfrom decimal import Decimal',
    answer: 'simplejson.dumps({"a": Decimal("1.10")})',
  },
  { name: 'markdown', imports: 'import markdown', answer: 'markdown.markdown("# a", extensions=["tables"])' },
  {
    name: 'beautifulsoup4',
    imports: 'from bs4 import BeautifulSoup',
    answer: 'BeautifulSoup("<p>a<b>c", "html.parser").b.text',
  },
  { name: 'orjson', imports: 'import orjson', answer: 'orjson.dumps({"a": 1}).decode()' },
  {
    name: 'cryptography',
    imports: 'from cryptography.hazmat.primitives import hashes',
    answer: 'hashes.SHA256().name',
  },
  {
    name: 'tzdata',
    imports: 'import importlib.resources',
    answer: 'len(importlib.resources.files("tzdata").joinpath("zones").read_text()) > 1000',
  },
];

/**
 * Reports of other checkers' users, from 2024 on, each as a case of ours: what was missed is found, and what was a false alarm is none.
 * The code is our own; the thread says what it is about.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { check } from '../../src/check/check.ts';
import { RULES } from '../../src/check/rules.ts';
import { findingsIn } from '../support/made-tree.ts';
import { listening } from '../support/listening.ts';

const FLASK = 'from flask import Flask, request\napp = Flask(__name__)\n';
const handler = (...lines: readonly string[]): string =>
  `${FLASK}@app.post('/x')\ndef x():\n${lines.map((line) => `    ${line}\n`).join('')}    return ''\n`;
const EXPRESS = "import express from 'express';\nconst app = express();\n";
/** No key: letters and digits in their order, with the sign of a base64 text. */
const DRAWN = 'LIk4ITK744sG54Vg4BW/+p4NXFr';

interface Case {
  readonly thread: string;
  readonly what: string;
  /** Of these rules alone. */
  readonly of: RegExp;
  readonly files: Readonly<Record<string, string>>;
  readonly said: readonly string[];
}

const CASES: readonly Case[] = [
  {
    thread: 'PyCQA/bandit#1302',
    what: 'a table of our own and a value beside the query is no injection',
    of: /^python\.sql/,
    files: {
      'app.py': handler(
        "TABLE = 'assets'",
        'db.execute(f"DELETE FROM {TABLE} WHERE id = :id", {"id": request.form["id"]})',
      ),
    },
    said: [],
  },
  {
    thread: 'PyCQA/bandit#1336',
    what: 'VALUES( without a blank is a query too',
    of: /^python\.sql/,
    files: { 'app.py': handler('db.execute("INSERT INTO users VALUES(%s)" % request.form["a"])') },
    said: ['python.sql app.py:5'],
  },
  {
    thread: 'PyCQA/bandit#1394',
    what: 'verify=False on sessions and clients takes any certificate',
    of: /^python\.tls/,
    files: {
      'app.py':
        "import httpx, requests\nsession = requests.Session()\nsession.get('https://a.example', verify=False)\nwith requests.Session() as scoped:\n    scoped.put('https://a.example', verify=False)\nclient = httpx.Client()\nclient.post('https://a.example', verify=False)\n",
    },
    said: ['python.tls-verify app.py:3', 'python.tls-verify app.py:5', 'python.tls-verify app.py:7'],
  },
  {
    thread: 'astral-sh/ruff#13103',
    what: 'a sentence of the log with "delete from" in it is no query',
    of: /^python\.sql/,
    files: {
      'app.py': handler(
        'logger.warning(f"{request.form[\'a\']} has been delete from the guild")',
        'raise ValueError(f"select one from {request.form}")',
      ),
    },
    said: [],
  },
  {
    thread: 'astral-sh/ruff#15653',
    what: 'a query over several lines is one',
    of: /^python\.sql/,
    files: {
      'app.py': handler(
        'query = f"""',
        '    SELECT *,',
        '        foo',
        "    FROM ({request.form['a']}) raw",
        '"""',
        'db.execute(query)',
      ),
    },
    said: ['python.sql app.py:10'],
  },
  {
    thread: 'astral-sh/ruff#20628',
    what: 'texts beside each other, and then one put behind them',
    of: /^python\.sql/,
    files: {
      'app.py': handler('db.execute("select * "', '    "from \\"" + request.form["schema"] + "\\"")'),
    },
    said: ['python.sql app.py:5'],
  },
  {
    thread: 'semgrep/semgrep#10984',
    what: 'a name that is given the answer of a sink has not gone into it',
    of: /^python\.eval/,
    files: { 'app.py': handler("tainted = request.form['a']", "tainted = eval('81')") },
    said: [],
  },
  {
    thread: 'semgrep/semgrep-rules#3339',
    what: 'what was escaped is no injection, by whichever library',
    of: /^javascript\.html/,
    files: {
      'app.mjs': `${EXPRESS}import escapeHtml from 'escape-html';\nimport xss from 'xss';\nimport clean from 'sanitize-html';\napp.get('/a', (req, res) => res.send('<p>' + escapeHtml(req.query.a)));\napp.get('/b', (req, res) => res.send('<p>' + xss(req.query.a)));\napp.get('/c', (req, res) => res.send(\`<p>\${clean(req.query.a)}\`));\napp.get('/d', (req, res) => res.send('<p>' + req.query.a));\n`,
    },
    said: ['javascript.html app.mjs:9'],
  },
  {
    thread: 'gitleaks/gitleaks#1336',
    what: 'a drawn value with / and + in it is one',
    of: /^secrets\.assigned/,
    files: { 'kafka.properties': `sasl_password=${DRAWN}\n`, 'settings.py': `SASL_PASSWORD = '${DRAWN}'\n` },
    said: ['secrets.assigned kafka.properties:1', 'secrets.assigned settings.py:1'],
  },
  {
    thread: 'gitleaks/gitleaks#1728',
    what: 'what was sealed may stand there, and what stands beside it in clear may not',
    of: /^secrets\.assigned/,
    files: {
      'sealed.yaml': `kind: SealedSecret\nspec:\n  encryptedData:\n    password: ${DRAWN.repeat(4)}\n---\nkind: Secret\nstringData:\n  password: ${DRAWN}\n`,
      'sops.yaml': `password: ENC[AES256_GCM,data:${DRAWN},type:str]\n`,
    },
    said: ['secrets.assigned sealed.yaml:8'],
  },
  {
    thread: 'gitleaks/gitleaks#1321',
    what: 'the name of an entry of a vault is no secret',
    of: /^secrets\./,
    files: {
      Jenkinsfile: "secretValues: [[envVar: 'TF_VAR_APPROLESECRETID', vaultKey: 'inf-vsqt-01-secret-id']]\n",
    },
    said: [],
  },
  {
    thread: 'gitleaks/gitleaks#1587',
    what: 'ids of clients, public keys, names and versions are no secrets',
    of: /^secrets\./,
    files: {
      'app.py': `CLIENT_ID = '${'0afae57f3ccfd9d7'.repeat(4)}'\nPUBLIC_KEY = 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE'\nkeyboard = 'qwertz-7f3a9b2c4d5e6f708192a3b4'\njwt_secret_arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:app-AbCdEf'\n`,
    },
    said: [],
  },
];

for (const { thread, what, of, files, said } of CASES) {
  test(`${thread}: ${what}`, async () => {
    assert.deepEqual(
      (await findingsIn(files)).filter((one) => of.test(one)),
      said,
    );
  });
}

/** What the rules of some rooms find at a server of this process. */
async function foundAt(
  rooms: RegExp,
  head: Readonly<Record<string, string>>,
  page: string,
): Promise<readonly string[]> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...head }).end(page);
  });
  return listening(server, async (port) => {
    const { results } = await check({
      url: `http://127.0.0.1:${port}/`,
      ownHost: true,
      rules: RULES.filter(({ id }) => rooms.test(id)),
    });
    return results.flatMap((one) =>
      one.outcome === 'fell-short' ? one.findings.map(({ rule, message }) => `${rule}: ${message}`) : [],
    );
  });
}

test('zaproxy/zaproxy#8439: a policy without a wildcard is told of none', async () => {
  const policy =
    "default-src 'self'; style-src 'self' fonts.googleapis.com; font-src 'self' fonts.gstatic.com; object-src 'self'; frame-src frames.example; script-src 'self' 'sha256-K5R8RTJ6UbJ2WdnAV5dOGG1OT+30FQkKE1BASREjvG8='";
  const found = await foundAt(/^csp\./, { 'content-security-policy': policy }, '<!doctype html><p>Hello.');
  // It says nothing of base and frames, and object-src could be 'none': that is true of it.
  assert.ok(found.length > 0);
  assert.deepEqual(
    found.filter((one) => /\*|wildcard|any host|every host/i.test(one)),
    [],
  );
});

test('zaproxy/zaproxy#8434: a server that answers every address with its page has left no file behind', async () => {
  const page = '<!doctype html><title>A page</title><p>There is nothing here.';
  assert.deepEqual(await foundAt(/^(?:secrets\.(?:dotenv|repository|backup)|errors\.debug)/, {}, page), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../../test/support/hang.ts';
import { findingsIn, saidOf, withTree } from '../../../../test/support/made-tree.ts';
import { allFindings } from '../../report/report.ts';
import { checkSource } from '../check-source.ts';
import { parseJavaScript } from './parse-javascript.ts';

async function rulesIn(text: string, path = 'app.ts'): Promise<readonly string[]> {
  const said = await findingsIn({ [path]: text });
  return said.map((one) => one.split(' ')[0] ?? '').toSorted();
}

/** Rule, code that is wrong, and the like that is right. */
const PAIRS: readonly (readonly [rule: string, bad: string, good: string])[] = [
  [
    'javascript.sql',
    'app.get("/", (req) => db.query("SELECT a FROM b WHERE c = " + req.query.d))',
    'app.get("/", (req) => db.query("SELECT a FROM b WHERE c = ?", [req.query.d]))',
  ],
  [
    'javascript.sql',
    'app.get("/", (req) => sql.unsafe(`SELECT ${req.query.d} FROM b`))',
    'app.get("/", (req) => sql`SELECT a FROM b WHERE c = ${req.query.d}`)',
  ],
  [
    'javascript.sql',
    'app.get("/", (c) => db.query({ text: `SELECT a FROM b LIMIT ${c.req.query("n")}` }))',
    'app.get("/", (c) => db.query({ text: `SELECT a FROM b LIMIT ${Number(c.req.query("n"))}` }))',
  ],
  [
    'javascript.command',
    'import { spawn } from "child_process"; export const f = (req, res) => spawn("sh", ["-c", req.body.x], { shell: true })',
    'import { spawn } from "child_process"; export const f = (req, res) => spawn("ls", ["--", req.body.x])',
  ],
  [
    'javascript.eval',
    'export const f = (req) => new Function("a", req.body.code)',
    'export const f = (req) => new Function("a", "return a")',
  ],
  [
    'javascript.path',
    'import { readFile } from "fs/promises"; import { join } from "path"; export const f = (req) => readFile(join("x", req.query.f))',
    'import { readFile } from "fs/promises"; import { join, basename } from "path"; export const f = (req) => readFile(join("x", basename(req.query.f)))',
  ],
  [
    'javascript.path',
    'import fs from "fs"; export const f = (req) => fs.readFileSync("x/" + req.query.f)',
    'import fs from "fs"; export const f = (req) => { if (!NAMES.has(req.query.f)) return; fs.readFileSync("x/" + req.query.f) }',
  ],
  [
    'javascript.redirect',
    'export const f = (req, res) => res.redirect(302, req.query.next)',
    'export const f = (req, res) => res.redirect(`/notes/${req.query.next}`)',
  ],
  [
    'javascript.ssrf',
    'export const f = (req) => fetch(`https://${req.query.host}/`)',
    'export const f = (req) => fetch(`https://api.example.com/${req.query.id}`)',
  ],
  [
    'javascript.html',
    'export const f = (req, res) => res.send(`<b>${req.query.q}</b>`)',
    'export const f = (req, res) => res.send(`<b>${escapeHtml(req.query.q)}</b>`)',
  ],
  [
    'javascript.dom',
    'el.innerHTML = decodeURIComponent(location.hash.slice(1))',
    'el.textContent = decodeURIComponent(location.hash.slice(1))',
  ],
  [
    'javascript.nosql',
    'import "mongoose"; export const f = (req) => User.findOne({ name: req.body.name })',
    'import "mongoose"; export const f = (req) => User.findOne({ name: String(req.body.name) })',
  ],
  [
    'javascript.prototype',
    'import _ from "lodash"; export const f = (req) => _.merge({}, req.body)',
    'import _ from "lodash"; export const f = (req) => _.merge({}, defaults)',
  ],
  [
    'javascript.prototype',
    'export const f = (req) => { all[req.body.a][req.body.b] = 1 }',
    'export const f = (req) => { all[id][req.body.b] = 1 }',
  ],
  [
    'javascript.mass-assignment',
    'export const f = (req) => User.create({ ...req.body })',
    'export const f = (req) => User.create({ name: req.body.name })',
  ],
  [
    'javascript.template-string',
    'import ejs from "ejs"; export const f = (req) => ejs.render("Hi " + req.query.n)',
    'import ejs from "ejs"; export const f = (req) => ejs.render("Hi <%= n %>", { n: req.query.n })',
  ],
  [
    'javascript.jwt',
    'import jwt from "jsonwebtoken"; jwt.verify(t, key, { algorithms: ["none"] })',
    'import jwt from "jsonwebtoken"; jwt.verify(t, key, { algorithms: ["HS256"] })',
  ],
  [
    'javascript.password-hash',
    'import { createHash } from "node:crypto"; createHash("sha256").update(password).digest()',
    'import { createHash } from "node:crypto"; createHash("sha256").update(page).digest()',
  ],
  [
    'javascript.password-hash',
    'import bcrypt from "bcrypt"; bcrypt.hash(password, 4)',
    'import bcrypt from "bcrypt"; bcrypt.hash(password, 12)',
  ],
  [
    'javascript.weak-hash',
    'import { createHash } from "crypto"; createHash("md5").update(salt + secret).digest()',
    'import { createHash } from "crypto"; createHash("md5").update(page).digest()',
  ],
  [
    'javascript.webhook-signature',
    'import { createHmac } from "node:crypto"; app.post("/h", (req, res) => { const made = createHmac("sha256", key).update(req.rawBody).digest("hex"); if (req.headers["x-hub-signature-256"] !== `sha256=${made}`) return res.sendStatus(401); })',
    'import { createHmac, timingSafeEqual } from "node:crypto"; app.post("/h", (req, res) => { const made = createHmac("sha256", key).update(req.rawBody).digest(); if (!timingSafeEqual(made, Buffer.from(req.get("x-signature"), "hex"))) return res.sendStatus(401); })',
  ],
  [
    'javascript.webhook-signature',
    'import crypto from "crypto"; const isSigned = (text, signature) => { const hmac = crypto.createHmac("sha256", key); hmac.update(text); return signature === hmac.digest("base64"); }',
    'import crypto from "crypto"; const isKept = (text, kept) => { const hmac = crypto.createHmac("sha256", key); hmac.update(text); return kept === hmac.digest("base64"); }',
  ],
  [
    'javascript.webhook-signature',
    'import crypto from "crypto"; app.post("/h", (req, res) => { const made = crypto.createHmac("sha256", key).update(JSON.stringify(req.body)).digest(); check(made); })',
    'import crypto from "crypto"; app.post("/h", (req, res) => { const made = crypto.createHmac("sha256", key).update(JSON.stringify(claims)).digest(); send(made); })',
  ],
  [
    'javascript.weak-random',
    'const sessionToken = Math.random().toString(36)',
    'const delay = Math.random() * 100',
  ],
  [
    'javascript.tls-verify',
    'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"',
    'request({ rejectUnauthorized: true })',
  ],
  [
    'javascript.error-detail',
    'app.use((err, req, res, next) => res.send(err.stack))',
    'app.use((err, req, res, next) => { if (process.env.NODE_ENV === "development") res.send(err.stack); })',
  ],
  [
    'javascript.cors',
    'app.use((req, res) => { res.setHeader("Access-Control-Allow-Origin", req.headers.origin) })',
    'app.use((req, res) => { if (ORIGINS.has(req.headers.origin)) res.setHeader("Access-Control-Allow-Origin", req.headers.origin) })',
  ],
  [
    'javascript.csp',
    'import helmet from "helmet"; app.use(helmet({ contentSecurityPolicy: false }))',
    'import helmet from "helmet"; app.use(helmet())',
  ],
  ['javascript.proxy', 'app.enable("trust proxy")', 'app.set("trust proxy", "10.0.0.0/8")'],
  [
    'javascript.secret',
    'import jwt from "jsonwebtoken"; jwt.sign(claims, process.env.KEY || "secret")',
    'import jwt from "jsonwebtoken"; jwt.sign(claims, process.env.KEY)',
  ],
  [
    'javascript.static',
    'import express from "express"; app.use(express.static("."))',
    'import express from "express"; app.use(express.static("public"))',
  ],
  [
    'javascript.visitor-session',
    'import session from "express-session"; app.use(session({ secret: env.S, store, saveUninitialized: true, cookie: { secure: true, sameSite: "strict" } }))',
    'import session from "express-session"; app.use(session({ secret: env.S, store, saveUninitialized: false, cookie: { secure: true, sameSite: "strict" } }))',
  ],
  [
    'javascript.session-race',
    'import session from "express-session"; app.use(session({ secret: env.S, store, resave: true, cookie: { secure: true, sameSite: "strict" } }))',
    'import session from "express-session"; app.use(session({ secret: env.S, store, resave: false, cookie: { secure: true, sameSite: "strict" } }))',
  ],
  [
    'javascript.hash-blocking',
    'import bcrypt from "bcrypt"; app.post("/x", (req, res) => { if (bcrypt.compareSync(req.body.p, user.hash)) res.send("a"); })',
    'import bcrypt from "bcrypt"; app.post("/x", async (req, res) => { if (await bcrypt.compare(req.body.p, user.hash)) res.send("a"); }); bcrypt.hashSync("for the seed", 12);',
  ],
  [
    'javascript.chunked-body',
    'app.post("/x", (req, res) => { if (Number(req.headers["content-length"]) > 1000) return res.sendStatus(413); req.pipe(out); })',
    'app.post("/x", (req, res) => { let size = 0; req.on("data", (chunk) => { size += chunk.length; if (size > 1000) req.destroy(); }); if (Number(req.headers["content-length"]) > 1000) return res.sendStatus(413); })',
  ],
  [
    'javascript.limiter-failure',
    'import rateLimit from "express-rate-limit"; app.use(rateLimit({ limit: 5, store, passOnStoreError: true }))',
    'import rateLimit from "express-rate-limit"; app.use(rateLimit({ limit: 5, store, passOnStoreError: false }))',
  ],
  [
    'javascript.upload-type',
    'app.post("/x", (req, res) => { if (req.file.mimetype !== "image/png") return res.sendStatus(415); keep(req.file.buffer); })',
    'import { fileTypeFromBuffer } from "file-type"; app.post("/x", async (req, res) => { if (req.file.mimetype !== "image/png" || (await fileTypeFromBuffer(req.file.buffer)).mime !== "image/png") return res.sendStatus(415); })',
  ],
  [
    'javascript.totp-replay',
    'import { authenticator } from "otplib"; app.post("/x", (req, res) => { if (authenticator.verify({ token: req.body.code, secret })) signIn(); })',
    'import { authenticator } from "otplib"; app.post("/x", (req, res) => { const step = now(); if (authenticator.verify({ token: req.body.code, secret }) && step > user.lastTotpStep) signIn(); })',
  ],
  [
    'javascript.websocket-origin',
    'import { WebSocketServer } from "ws"; const wss = new WebSocketServer({ server }); wss.on("connection", (socket, req) => who(req.headers.cookie))',
    'import { WebSocketServer } from "ws"; const wss = new WebSocketServer({ server, verifyClient: ({ origin }) => origin === OURS }); wss.on("connection", (socket, req) => who(req.headers.cookie))',
  ],
  [
    'javascript.websocket-origin',
    'import { WebSocketServer } from "ws"; app.use(cors({ origin: "https://a.example" })); // of one origin\nconst wss = new WebSocketServer({ server }); wss.on("connection", (socket, req) => who(req.headers.cookie))',
    'import { WebSocketServer } from "ws"; const wss = new WebSocketServer({ server }); wss.on("connection", (socket, req) => { if (req.headers.origin !== OURS) return socket.close(); who(req.headers.cookie); })',
  ],
  [
    'javascript.websocket-origin',
    'import { Server } from "socket.io"; new Server(server, { cors: { origin: "*", credentials: true } })',
    'import { Server } from "socket.io"; new Server(server, { cors: { origin: "https://app.example.com", credentials: true } })',
  ],
  [
    'javascript.multipart',
    'const boundary = of(req); const name = /filename="([^"]*)"/.exec(head)',
    'const boundary = of(req); const name = /name="([^"]*)"/.exec(head)',
  ],
  [
    'javascript.timeouts',
    'import { createServer } from "node:http"; const server = createServer({ requestTimeout: 0 }, app)',
    'import { createServer } from "node:http"; const server = createServer({ requestTimeout: 60000 }, app)',
  ],
  ['javascript.timeouts', 'server.headersTimeout = 0', 'agent.headersTimeout = 0'],
  [
    'javascript.forwarded-header',
    'app.get("/x", (req, res) => log(req.headers["x-forwarded-for"]))',
    'app.get("/x", (req, res) => fetch(url, { headers: { "x-forwarded-for": req.ip } }))',
  ],
];

test('each rule finds what is wrong, and nothing in the like that is right', async () => {
  for (const [rule, bad, good] of PAIRS) {
    assert.deepEqual(await rulesIn(bad), [rule], bad);
    assert.deepEqual(await rulesIn(good), [], good);
  }
});

test('templates: what is written as it is, and what was made for it', async () => {
  const bad = {
    'a.ejs': '<%- name %>',
    'b.hbs': '{{{name}}}',
    'c.njk': '{{ name | safe }}',
    'd.eta': '<%~ it.name %>',
  };
  assert.deepEqual(
    await findingsIn(bad),
    Object.keys(bad).map((path) => `javascript.template-escape ${path}:1`),
  );
  const good = {
    'a.ejs': '<%= name %><%- include("head") %>',
    'b.hbs': '{{name}}',
    'c.njk': '{{ name }}',
    'd.eta': '<%= it.name %>',
  };
  assert.deepEqual(await findingsIn(good), []);
});

test('follows a value over files, and says which way it came', async () => {
  const files = {
    'routes.mjs': "import { run } from './lib/tools.js';\napp.post('/x', ({ body }) => run(body.name));\n",
    'lib/tools.js':
      "import { exec } from 'node:child_process';\nexport function run(name) {\n  const line = `ls ${name}`;\n  return exec(line);\n}\n",
  };
  await withTree(files, async (root) => {
    const report = await checkSource(root);
    assert.deepEqual(saidOf(report), ['javascript.command lib/tools.js:4']);
    const [found] = allFindings(report.results);
    assert.deepEqual(
      found?.flow?.map(({ file, line }) => `${file ?? ''}:${line ?? 0}`),
      ['routes.mjs:2', 'routes.mjs:2', 'lib/tools.js:4'],
    );
  });
});

test('types, decorators, classes and JSX are read', () => {
  for (const [path, text] of [
    [
      'a.ts',
      'export class A<T> implements B { constructor(private readonly x: string) {} get<K extends keyof T>(k: K): T[K] { return this.y![k] as T[K]; } }',
    ],
    ['b.tsx', 'export const C = ({ x }: { x: string }) => <p className={`a ${x}`}>{x}</p>;'],
    [
      'c.js',
      'const f = async (x) => { for await (const y of x) { yield_: switch (y) { case 1: break; default: } } };',
    ],
    ['d.ts', 'type A = { [K in B]?: C<K> }; enum E { A = 1 } const z = <T,>(t: T) => t as T;'],
  ] as const) {
    const parsed = parseJavaScript(path, text);
    assert.ok(!('why' in parsed) && parsed.broken === undefined, path);
  }
});

test('what it does not understand is told of, and what comes after is read', async () => {
  await withTree(
    { 'a.js': 'const a = = 1;\nprocess.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";\n' },
    async (root) => {
      const report = await checkSource(root);
      assert.deepEqual(saidOf(report), ['javascript.tls-verify a.js:2', 'source.scanned a.js:1']);
    },
  );
});

test('ends at its bounds on what nobody has written', async () => {
  const call = 'eval('.repeat(30_000);
  const files = {
    'brackets.js': `${call}${')'.repeat(30_000)}`,
    'signs.js': `eval(a); x = ${'!'.repeat(200_000)}y`,
    'sums.js': `eval(a); x = ${'a + '.repeat(50_000)}b`,
    'bundle.js': `eval(a);${'f(1);'.repeat(20_000)}`,
    'names.js': `${Array.from({ length: 2000 }, (_, at) => `let a${at} = a${at + 1} + a${at + 2};`).join('\n')}\neval(a0 + location.hash);`,
  };
  await withTree(files, async (root) => {
    const from = performance.now();
    const { notScanned } = await checkSource(root);
    assert.deepEqual(
      notScanned.map(({ path }) => path),
      ['brackets.js', 'bundle.js', 'names.js', 'signs.js', 'sums.js'],
    );
    assert.ok(performance.now() - from < HANG_MS);
  });
});

test('a name that is made of another, many times over, is followed once', async () => {
  const steps = Array.from({ length: 12 }, (_, at) =>
    [`let v${at + 1} = v${at};`, ...[0, 1, 2, 3].map((one) => `if (a) v${at + 1} = v${at} + "${one}";`)].join(
      '\n',
    ),
  );
  const app = (from: string): string =>
    `import { exec } from "child_process"; export const f = (req, res) => { let v0 = ${from};\n${steps.join('\n')}\nexec(v12); }`;
  for (const [from, said] of [
    ['req.query.x', ['javascript.command']],
    ['"a"', []],
  ] as const) {
    const begin = performance.now();
    assert.deepEqual(await rulesIn(app(from)), said);
    assert.ok(performance.now() - begin < HANG_MS);
  }
});

/** What is said of deliveries in Python, each beside its like that is right; and what looks like one and is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn } from '../../../../test/support/made-tree.ts';

const HEAD = `import hashlib, hmac, json
import stripe
from flask import Flask, abort, request
app = Flask(__name__)
KEY = open('key', 'rb').read()
`;
const ID = 'python.webhook-signature';

/** How often it is said of a route of these lines. */
async function said(lines: string, more = ''): Promise<number> {
  const route = `@app.post('/hooks')\ndef hooks():\n${lines.replaceAll(/^/gm, '    ')}\n    return ''\n`;
  const found = await findingsIn({ 'app.py': HEAD + more + route });
  return found.filter((one) => one.startsWith(`${ID} `)).length;
}

const MADE = "made = hmac.new(KEY, request.get_data(), 'sha256').hexdigest()";
const SAFE = "if not hmac.compare_digest(made, request.headers['X-Hub-Signature-256']):\n    abort(401)";

test('a signature that is compared by == or != is found, however its digest is written', async () => {
  for (const lines of [
    `${MADE}\nif made != request.headers['X-Hub-Signature-256']:\n    abort(401)`,
    `${MADE}\nif request.headers.get('X-Hub-Signature-256') == 'sha256=' + made:\n    return 'ok'`,
    `${MADE}\nsignature = request.headers['x-pay']\nif signature != f'sha256={made}':\n    abort(401)`,
    `mac = hmac.new(KEY, digestmod='sha256')\nmac.update(request.data)\nis_right = mac.hexdigest() == request.headers['Stripe-Signature']`,
    `made = hmac.digest(KEY, request.data, 'sha256')\nassert made == bytes.fromhex(request.headers['X-Signature'])`,
  ])
    assert.equal(await said(lines), 1, lines);
  const helper =
    'def is_signed(body, signature):\n    return hmac.new(KEY, body, hashlib.sha256).hexdigest() == signature\n';
  assert.equal(await said('pass', helper), 1);
});

test('a signature that is made over a body written anew is found, behind whichever comparison', async () => {
  for (const lines of [
    `made = hmac.new(KEY, json.dumps(request.json).encode(), 'sha256').hexdigest()\n${SAFE}`,
    `body = request.get_json()\ntext = json.dumps(body, separators=(',', ':'))\nmade = hmac.new(KEY, text.encode(), 'sha256').hexdigest()\n${SAFE}`,
    `made = hmac.new(KEY, json.dumps(json.loads(request.data)).encode(), 'sha256').hexdigest()\n${SAFE}`,
    "stripe.Webhook.construct_event(json.dumps(request.json), request.headers['Stripe-Signature'], KEY)",
  ])
    assert.equal(await said(lines), 1, lines);
});

test('a form that is read first leaves nothing to sign', async () => {
  assert.equal(await said(`kind = request.form['kind']\n${MADE}\n${SAFE}`), 1);
  assert.equal(await said(`${MADE}\n${SAFE}\nkind = request.form['kind']`), 0);
  // Werkzeug keeps what was read first.
  const RAW =
    "raw = request.get_data()\nform = request.form\nmade = hmac.new(KEY, raw, 'sha256').hexdigest()";
  assert.equal(await said(`${RAW}\n${SAFE}`), 0);
  assert.equal(await said(`form = request.form\n${RAW}\n${SAFE}`), 1);
  // A branch that has returned, or another one, leads nowhere near it.
  const READ = "    take(request.form['payload'])";
  assert.equal(await said(`if request.mimetype == FORM:\n${READ}\n    return 'ok'\n${MADE}\n${SAFE}`), 0);
  assert.equal(await said(`if request.mimetype == FORM:\n${READ}\n${MADE}\n${SAFE}`), 1);
  const other = `${MADE}\n${SAFE}`.replaceAll(/^/gm, '    ');
  assert.equal(await said(`if request.mimetype == FORM:\n${READ}\nelse:\n${other}`), 0);
  assert.equal(await said(`kind = request.args['kind']\n${MADE}\n${SAFE}`), 0);
});

test('whether a signature is judged is asked of each function', async () => {
  const signs =
    "signature = hmac.new(KEY, json.dumps(request.json).encode(), 'sha256').hexdigest()\nsend(request.json, signature)";
  const judges = 'def is_signed(made, sent):\n    return hmac.compare_digest(made, sent)\n';
  assert.equal(await said(signs, judges), 0);
  // One that others compare for it, and one that is made for a comparison.
  assert.equal(await said(`${signs}\nif not is_signed(signature, sent):\n    abort(401)`, judges), 1);
  const makes =
    "def made():\n    signature = hmac.new(KEY, json.dumps(request.json).encode(), 'sha256')\n    return signature.hexdigest()\n";
  assert.equal(
    await said("ours = made()\nis_right = hmac.compare_digest(ours, request.headers['X-Sig'])", makes),
    1,
  );
});

test('what is right, or no delivery, is left alone', async () => {
  for (const lines of [
    `${MADE}\n${SAFE}`,
    `${MADE}\nif hmac.compare_digest(made, request.headers['X-Signature']) == False:\n    abort(401)`,
    `${MADE}\nif made == cached:\n    return 'known'`,
    "stripe.Webhook.construct_event(request.data, request.headers['Stripe-Signature'], KEY)",
    // The scheme in front of it, its algorithm and its length are no secret.
    `${MADE}\nif request.headers['X-Signature'].split('=')[0] != 'sha256':\n    abort(401)\n${SAFE}`,
    `${MADE}\nif len(request.headers['X-Signature']) != 64:\n    abort(401)\n${SAFE}`,
    `${MADE}\nif len(made) != len(request.headers['X-Signature']):\n    abort(401)\n${SAFE}`,
    `made = hmac.new(KEY, str(request.get_data(), 'utf-8').encode(), 'sha256').hexdigest()\n${SAFE}`,
    // A key of a cache.
    "key = hmac.new(KEY, json.dumps(request.json).encode(), 'sha256').hexdigest()\nif key == request.headers.get('If-None-Match'):\n    return 'known'",
    // Somebody signs what they send on.
    "signature = hmac.new(KEY, json.dumps(request.json).encode(), 'sha256').hexdigest()\nsend(request.json, signature)",
    "made = hashlib.sha256(request.data).hexdigest()\nif made == request.headers['X-Signature']:\n    return 'ok'",
  ])
    assert.equal(await said(lines), 0, lines);
});

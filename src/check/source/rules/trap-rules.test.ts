/** What the rules about traps of Python say nothing of: the like that is right. What they find stands in the answer keys of test/check/source. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn } from '../../../../test/support/made-tree.ts';

const HEAD = 'from flask import Flask, request, session\napp = Flask(__name__)\n';
const OURS =
  /^(?:python\.(?:recovery-codes|upload-type|totp-replay|multipart|websocket-origin|forwarded-header|log-json|log-secret)|flask\.(?:session-race|chunked-body|visitor-session|store-failure|limiter-failure)) /;

async function saysOf(text: string): Promise<readonly string[]> {
  return (await findingsIn({ 'app.py': text }))
    .filter((one) => OURS.test(one))
    .map((one) => one.split(' ')[0] ?? '');
}

const post = (lines: string): string =>
  `${HEAD}@app.post('/x')\ndef x():\n${lines.replaceAll(/^/gm, '    ')}\n    return ''\n`;

for (const [rule, bad, good] of [
  [
    'flask.chunked-body',
    post('if request.content_length > 5:\n    return 413'),
    `${post('if request.content_length > 5:\n    return 413')}app.config['MAX_CONTENT_LENGTH'] = 5\n`,
  ],
  [
    'flask.visitor-session',
    `${post('pass')}@app.before_request\ndef before():\n    session.permanent = True\n`,
    `${post('pass')}@app.before_request\ndef before():\n    if 'user' in session:\n        session.permanent = True\n`,
  ],
  [
    'flask.session-race',
    `${post('pass')}from flask_session import Session\nSession(app)\n@app.post('/logout')\ndef logout():\n    session.clear()\n    return ''\n`,
    // What a cookie alone holds is no store's to bring back.
    `${post('pass')}@app.post('/logout')\ndef logout():\n    session.clear()\n    return ''\n`,
  ],
  [
    'python.recovery-codes',
    'import secrets\ndef renew(user):\n    codes = [secrets.token_hex(4) for _ in range(8)]\n    user.recovery_codes = codes\n    return codes\n',
    'import secrets\ndef renew(user):\n    codes = [secrets.token_hex(4) for _ in range(8)]\n    user.recovery_codes = [hasher.hash(code) for code in codes]\n    return codes\n',
  ],
  [
    'flask.store-failure',
    `${post('pass')}from flask_session import Session\napp.config['SESSION_TYPE'] = 'redis'\nSession(app)\n`,
    `${post('pass')}from flask_session import Session\napp.config['SESSION_TYPE'] = 'redis'\napp.config['SESSION_REDIS'] = client\nSession(app)\n`,
  ],
  [
    'flask.limiter-failure',
    `${post('pass')}from flask_limiter import Limiter\nLimiter(key, app=app, storage_uri='redis://', swallow_errors=True)\n`,
    `${post('pass')}from flask_limiter import Limiter\nLimiter(key, app=app, storage_uri='redis://', swallow_errors=True, in_memory_fallback_enabled=True)\n`,
  ],
  [
    'python.upload-type',
    post("if request.files['a'].content_type != 'image/png':\n    return 415"),
    `from PIL import Image\n${post("if request.files['a'].content_type != 'image/png':\n    return 415\nImage.open(request.files['a']).save('a.png')")}`,
  ],
  // What asks another server goes by what that one says.
  [
    'python.upload-type',
    post("if request.files.get('a').mimetype == 'a/b':\n    pass"),
    post("if client.get('/a').mimetype == 'a/b':\n    pass"),
  ],
  [
    'python.totp-replay',
    'import pyotp\ndef check(user, code):\n    return pyotp.TOTP(user.secret).verify(code)\n',
    'import pyotp\ndef check(user, code):\n    if code == user.last_code:\n        return False\n    return pyotp.TOTP(user.secret).verify(code)\n',
  ],
  [
    'python.multipart',
    `import re\n${post("re.search(r'filename=\"([^\"]+)\"', request.headers['a'])")}`,
    // A client reads what a server of its choice calls a file.
    "import re, requests\nre.search(r'filename=\"([^\"]+)\"', requests.get('https://a.example').headers['a'])\n",
  ],
  [
    'python.websocket-origin',
    "from fastapi import FastAPI, WebSocket\napp = FastAPI()\n@app.websocket('/a')\nasync def a(socket: WebSocket):\n    await socket.send_text(who(socket.cookies['a']))\n",
    "from fastapi import FastAPI, WebSocket\napp = FastAPI()\n@app.websocket('/a')\nasync def a(socket: WebSocket):\n    if socket.headers.get('origin') not in OURS:\n        return\n    await socket.send_text(who(socket.cookies['a']))\n",
  ],
  // Who may read answers (CORS) is asked of no WebSocket; nor is a comment.
  [
    'python.websocket-origin',
    "from fastapi import FastAPI, WebSocket\nfrom fastapi.middleware.cors import CORSMiddleware\napp = FastAPI()  # one origin\napp.add_middleware(CORSMiddleware, allow_origins=['https://a.example'])\n@app.websocket('/a')\nasync def a(socket: WebSocket):\n    await socket.send_text(who(socket.cookies['a']))\n",
    "from fastapi import Depends, FastAPI, WebSocket\napp = FastAPI()\n@app.websocket('/a')\nasync def a(socket: WebSocket, _=Depends(own_origin)):\n    await socket.send_text(who(socket.cookies['a']))\n",
  ],
  [
    'python.log-json',
    `import json, logging\nlog = logging.getLogger('a')\n${post('line = json.dumps({"kind": "a", **request.args})\nlog.info(line)')}`,
    `import json, logging\nlog = logging.getLogger('a')\n${post('line = json.dumps({"kind": "a", **request.args}, default=str)\nlog.info(line)')}`,
  ],
  [
    'python.log-secret',
    `import logging\nlog = logging.getLogger('a')\n${post('log.info(\n    "signed in: %s %s",\n    request.form["name"],\n    request.form["password"],\n)')}`,
    `import logging\nlog = logging.getLogger('a')\n${post('log.info(\n    "signed in: %s %s",\n    request.form["name"],\n    request.form["colour"],\n)')}`,
  ],
  [
    'python.multipart',
    post('name = request.headers["a"].split(\'filename="\')[1]'),
    post('name = request.headers["a"].split("; ")[1]'),
  ],
  [
    'python.websocket-origin',
    'from channels.auth import AuthMiddlewareStack\napplication = AuthMiddlewareStack(router)\n',
    'from channels.auth import AuthMiddlewareStack\nfrom channels.security.websocket import AllowedHostsOriginValidator\napplication = AllowedHostsOriginValidator(AuthMiddlewareStack(router))\n',
  ],
  [
    'python.forwarded-header',
    "from django.http import HttpRequest\ndef address(request):\n    header = request.META.get('HTTP_X_FORWARDED_FOR')\n    return header.split(',')[0]\n",
    "from django.http import HttpRequest\ndef address(request):\n    header = request.META.get('HTTP_X_FORWARDED_FOR')\n    return header.split(',')[-1]\n",
  ],
  [
    'python.forwarded-header',
    "import uvicorn\nuvicorn.run('a:app', forwarded_allow_ips='*')\n",
    "import uvicorn\nuvicorn.run('a:app', forwarded_allow_ips='10.0.0.5')\n",
  ],
] as const) {
  test(`${rule} is said of ${bad.split('\n').at(-2)?.trim() ?? ''}, and not of what is right or absent`, async () => {
    assert.deepEqual(await saysOf(bad), [rule]);
    assert.deepEqual(await saysOf(good), []);
    assert.deepEqual(await saysOf('x = 1\n'), []);
  });
}

/** What `check` asks of tokens that are bound to a key (DPoP, RFC 9449): as the program that has the key, and as whoever has the token alone. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { type Answer, answered, headerOf, type Probe } from '../../core/answer.ts';
import { parseJson } from '../../core/parse-json.ts';
import { randomId } from '../../core/random.ts';
import {
  fault,
  type Fault,
  judged,
  notSeen,
  NotSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';

/** Rules about them. */
export const apiTokenRules: readonly Rule[] = [
  {
    id: 'api-tokens.bound',
    title: 'A token that is bound to a key opens nothing without a proof of that key, made for one request',
    level: 'error',
    guide: 7,
    asvs: ['v5.0.0-10.3.5 (in part)'],
    cwe: ['CWE-294', 'CWE-347'],
    why: 'Whoever finds the token in a log or a repository uses it, though its owner believes that it is worth nothing without the key.',
    mend: {
      bulwark: "apiTokens: { prefix: 'files', dpop: 'required' },",
      express: `// the key that the token was bound to when it was made, and none that the proof brings
const { payload } = await jwtVerify(request.get('dpop') ?? '', token.key, { typ: 'dpop+jwt', maxTokenAge: '60s' });
const isOfThis = payload.htm === request.method && payload.htu === ORIGIN + request.path && payload.ath === hashOf(token);
if (!isOfThis || !(await proofs.takeOnce(payload.jti))) return response.sendStatus(401);`,
      flask: `# the key that the token was bound to when it was made, and none that the proof brings
claims = jwt.decode(request.headers['DPoP'], token.key, algorithms=['ES256'])
if (claims['htm'], claims['htu'], claims['ath']) != (request.method, request.base_url, hash_of(token)):
    abort(401)
if not proofs.take_once(claims['jti']):
    abort(401)`,
    },
    needs: 'own-account',
    run: checkBound,
  },
];

const VERIFY =
  'look at the key that the token was bound to, and hold htm, htu, iat and ath against the request';
const ONCE = 'keep each jti for as long as its proof holds, in the store that all processes share';

async function checkBound(context: RuleContext): Promise<Outcome> {
  const { api } = context.account();
  if (api === undefined) return notSeen('the profile has no token that is bound to a key (api)');
  const key = keyOf(api.key);
  const { ask, site } = context;
  const target = api.url;
  const say = async (authorization?: string, proof?: string): Promise<Answer> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (authorization !== undefined) headers['authorization'] = authorization;
    if (proof !== undefined) headers['dpop'] = proof;
    return ask({ target, headers, limited: true } satisfies Probe);
  };
  const nobody = await say();
  if (nobody.status < 400)
    return notSeen(`${answered(nobody)} without any token: give an address that asks for one`);
  const address = `${site.origin}${target.split('?', 1)[0] ?? ''}`;
  const claims = {
    htm: 'GET',
    htu: address,
    ath: createHash('sha256').update(api.token).digest('base64url'),
  };
  const scheme = `DPoP ${api.token}`;
  let nonce: string | undefined;
  let proof = proofOf(key, claims, nonce);
  let right = await say(scheme, proof);
  nonce = headerOf(right, 'dpop-nonce');
  if (right.status === 401 && nonce !== undefined) {
    proof = proofOf(key, claims, nonce);
    right = await say(scheme, proof);
    nonce = headerOf(right, 'dpop-nonce') ?? nonce;
  }
  if (right.status >= 400) return notSeen(`${answered(right)} to a right proof: look at api in the profile`);
  context.changed('a token that is bound to a key was tried without it: an alert of misuse may come');
  const faults: Fault[] = [];
  let refused = 0;
  const mustRefuse = async (
    what: string,
    fix: string,
    authorization: string,
    sent?: string,
  ): Promise<void> => {
    const said = await say(authorization, sent);
    if (said.status < 400) faults.push(fault('error', what, answered(said), fix));
    // A limit, or a server that fails, says nothing of the proof.
    else if (said.status < 500 && said.status !== 429) refused += 1;
  };
  await mustRefuse('a proof is taken that was used before', ONCE, scheme, proof);
  await mustRefuse('a token that is bound to a key opens without any proof', VERIFY, `Bearer ${api.token}`);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  await mustRefuse('a proof by another key is taken', VERIFY, scheme, proofOf(other, claims, nonce));
  const elsewhere = { ...claims, htm: 'POST', htu: `${address}/elsewhere` };
  await mustRefuse('a proof for another request is taken', VERIFY, scheme, proofOf(key, elsewhere, nonce));
  if (faults.length === 0 && refused === 0)
    throw new NotSeen(`${answered(right)} once, and nothing after it was judged`);
  return judged(faults, `${answered(right)} to a right proof; ${refused} wrong ones were refused`);
}

function keyOf(text: string): KeyObject {
  try {
    const jwk = parseJson(text) as Partial<Record<string, unknown>> | null;
    const [x, y, d] = [jwk?.['x'], jwk?.['y'], jwk?.['d']];
    if (typeof x === 'string' && typeof y === 'string' && typeof d === 'string')
      return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d }, format: 'jwk' });
  } catch (error) {
    // What is wrong with it may have parts of the key in its words.
    if (!(error instanceof Error)) throw error;
  }
  throw new NotSeen('api.key of the profile is no private key as a JWK, of P-256');
}

/** One proof, for now. */
function proofOf(key: KeyObject, claims: object, nonce: string | undefined): string {
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' });
  const head = encoded({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } });
  const payload = {
    ...claims,
    jti: randomId(16),
    iat: Math.floor(Date.now() / 1000),
    ...(nonce !== undefined && { nonce }),
  };
  const text = `${head}.${encoded(payload)}`;
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

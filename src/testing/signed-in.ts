/** Somebody who is signed in, for an application's own tests: a session in the layer's state, without any sign-in form. */
import { onLayer, LAYER_PARTS } from '../core/layer-parts.ts';
import { NO_BODY } from '../core/body.ts';
import { BulwarkError } from '../core/errors.ts';
import { Exchange } from '../core/exchange.ts';
import { makeCsrfToken } from '../controls/csrf/csrf-token.ts';
import { CSRF_HEADER } from '../controls/csrf/csrf.ts';
import { SESSION_COOKIE } from '../controls/sessions/session-cookie.ts';
import type { SignIn } from '../controls/sessions/sessions.ts';
import type { LayerHandle, LayerParts } from '../node/protector.ts';
import { judgingLayer } from '../node/server.ts';
import { checks } from './testing.calls.ts';

/** A cookie as `context.addCookies` of Playwright takes it. */
export interface BrowserCookie {
  readonly name: string;
  readonly value: string;
  /** Of https, whatever the page is served by: what the browser keeps then is a cookie with `Secure`. */
  readonly url: string;
  readonly httpOnly: true;
  readonly sameSite: 'Lax' | 'Strict';
}

/** A session that a test began. */
export interface SignedIn {
  /**
   * What a client without a browser sends along, such as supertest, light-my-request or `fetch`: the cookie, and the token
   * that stands for a form of one's own page.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The field of `Cookie` alone. */
  readonly cookie: string;
  /** What `_csrf` of a form holds. */
  readonly csrfToken: string;
  /**
   * The cookies for a browser that Playwright drives.
   *
   * @param url - of the application, such as `http://localhost:3000`
   */
  cookies(url: string): BrowserCookie[];
  /** Ends the session, as a sign-out elsewhere would. False: it was over already. */
  signOut(): Promise<boolean>;
}

/**
 * Begins a session for a test. Where the layer's state outlives the process and the environment is production it throws:
 * a call that was left in would sign anyone in.
 *
 * @param app - the layer, an application of Express or Fastify under it, or its server
 * @param who - as `session.signIn` takes it
 * @example
 * ```ts
 * const ann = await signedIn(app, { account: 'ann', roles: ['editor'] });
 * await request(app).get('/drafts').set(ann.headers).expect(200);
 * ```
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where there is no layer in `app`, or its state is that of production
 */
export async function signedIn(app: object, who: SignIn): Promise<SignedIn> {
  checks.signedIn(app, who);
  const { policy, sessions } = partsOf(app);
  if (policy.environment === 'production' && policy.state.reach !== 'process') {
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_ARGUMENT',
      "signedIn: app: its policy is that of production, with state that stays. Write NODE_ENV=test, or state: memory() from 'bulwark/memory'",
    );
  }
  const now = sessions.clock();
  const { id, record } = await sessions.signIn(nobodysExchange(now), now, who, undefined);
  const cookie = `${SESSION_COOKIE}=${id}`;
  const csrfToken = makeCsrfToken(policy.keys, record.idHash);
  const sameSite = policy.session.sameSite === 'strict' ? 'Strict' : 'Lax';
  return {
    cookie,
    csrfToken,
    headers: { cookie, [CSRF_HEADER]: csrfToken },
    cookies: (url) => {
      checks.cookies(url);
      const { host } = new URL(url);
      return [{ name: SESSION_COOKIE, value: id, url: `https://${host}/`, httpOnly: true, sameSite }];
    },
    signOut: () => sessions.revoke(record.idHash),
  };
}

type Parts = Pick<LayerParts, 'policy' | 'sessions'>;

/** The layer itself, one that is mounted in Express, or the one that judges for a server, which Fastify has as `server`. */
function partsOf(app: object): Parts {
  const layer = [app, ...mountedIn(app)].find((one) => onLayer(one) === undefined) as LayerHandle | undefined;
  if (layer !== undefined) return layer[LAYER_PARTS];
  const { server } = app as { readonly server?: unknown };
  const judging = judgingLayer(typeof server === 'object' && server !== null ? server : app);
  if (judging !== undefined) return judging;
  throw new BulwarkError(
    'ERR_BULWARK_INVALID_ARGUMENT',
    'signedIn: app: no layer stands in it. Hand in what bulwark(policy) gave back, or its server; of Express the application with app.use(layer)',
  );
}

interface Mounting {
  readonly router?: Stack;
  /** Express 4, where reading `router` throws. */
  readonly _router?: Stack;
}

interface Stack {
  readonly stack?: readonly { readonly handle?: unknown }[];
}

function mountedIn(app: object): readonly unknown[] {
  const mounting: Mounting = app;
  const router = 'lazyrouter' in app ? mounting._router : mounting.router;
  return (router?.stack ?? []).map(({ handle }) => handle);
}

/** From this machine, by no browser: what a test asks later comes from there too. */
function nobodysExchange(now: number): Exchange {
  const request = {
    method: 'POST',
    target: '/',
    httpVersion: '1.1',
    rawHeaders: [],
    headers: {},
    peer: '127.0.0.1',
    encrypted: false,
  };
  return new Exchange(request, now, NO_BODY);
}

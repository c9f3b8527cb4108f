/** What `check` asks of a server about heads of the PROXY protocol: who writes one says who they are. */
import { answered, type Answer } from '../../core/answer.ts';
import {
  fellShort,
  held,
  NoAnswer,
  NothingListens,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';

/** In both versions: a client at 192.0.2.7, which nobody has (RFC 5737). */
const HEADS: Readonly<Record<string, string>> = {
  1: 'PROXY TCP4 192.0.2.7 192.0.2.1 40000 443\r\n',
  2: '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\x9c\x40\x01\xbb',
};

/** Rules about them. */
export const proxyHeadRules: readonly Rule[] = [
  {
    id: 'firewall.proxy-head',
    title: 'A client cannot name itself by a head of the PROXY protocol',
    level: 'error',
    guide: 9,
    asvs: ['v5.0.0-4.1.3 (in part)'],
    cwe: ['CWE-348'],
    needs: 'own-host',
    why: 'Whoever writes the head has any address: each try to sign in is another client, no limit ever holds, and the log blames somebody else.',
    mend: {
      bulwark: "origin: 'https://files.example.com',\nproxy: { trusted: ['10.0.0.5'], protocol: true },",
      nginx:
        '# "listen ... proxy_protocol" where the load balancer alone reaches it, and for everybody else:\nlisten 443 ssl;\nset_real_ip_from 10.0.0.5;',
    },
    run: checkHeads,
  },
];

async function checkHeads({ ask, askOnce }: RuleContext): Promise<Outcome> {
  const usual = await answerOf(() => askOnce());
  let isSeen = false;
  for (const [version, preface] of Object.entries(HEADS)) {
    const answer = await answerOf(() => ask({ preface }));
    if (answer !== undefined && answer.status < 400)
      return fellShort(
        'error',
        'whoever connects may say which address they have',
        `${answered(answer)} behind a head of version ${version}`,
        'take heads from the addresses of your own proxies alone (if this check runs on one of them, run it elsewhere)',
      );
    // What is refused to everybody says nothing of the head.
    isSeen ||= usual !== undefined && answer?.status !== usual.status;
  }
  if (usual === undefined || !isSeen)
    return notSeen('nothing is answered there, with such a head or without');
  return held(`${answered(usual)}, and not behind a head of either version`);
}

/** Undefined: the connection was ended, as one is that does not begin as it has to. */
async function answerOf(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NoAnswer && !(error instanceof NothingListens)) return undefined;
    throw error;
  }
}

/** Images: who runs in them, what they are built of, and what stays in their layers. */
import { isPlaceholder, isWrittenOut, SECRET_NAME } from '../secrets/likely-secret.ts';
import type { SourceFile } from '../source-file.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import type { SourceTree } from '../source-tree.ts';
import { type ConfigRule, configRules } from './config-rule.ts';
import { type Dockerfile, finalStages, type Instruction, readDockerfile } from './dockerfile.ts';
import { openPackages } from './open-packages.ts';

const rules: readonly ConfigRule<Dockerfile>[] = [
  {
    id: 'config.image-user',
    title: 'The application runs as a user of its own in its image',
    level: 'warning',
    guide: 15,
    asvs: ['v5.0.0-13.2.2 (in part)'],
    cwe: ['CWE-250'],
    why: 'Whoever breaks into the process is root there: one hole of the kernel or one mounted folder away from the host.',
    look(image, file, say) {
      const chain = finalStages(image);
      const base = chain.at(-1)?.image ?? '';
      if (
        /^(?:scratch|busybox)\b|nonroot|^(?:bitnami|cgr\.dev|chainguard|nginxinc|registry\.access\.redhat\.com)\/|unprivileged/.test(
          base,
        )
      )
        return;
      const user = chain.flatMap(
        ({ instructions }) => instructions.findLast(({ name }) => name === 'USER') ?? [],
      )[0];
      const all = chain.flatMap(({ instructions }) => instructions);
      // It gives its rights up when it starts.
      if (all.some(({ text }) => /\b(?:gosu|su-exec|setpriv|runuser|chpst|s6-setuidgid)\b/.test(text)))
        return;
      if (user !== undefined && !/^(?:root|0)(?::|$)/.test(user.text)) return;
      say({
        at: { file, at: user?.at ?? chain[0]?.at ?? 0 },
        message:
          user === undefined
            ? 'no USER is named, so that the process is root in its container'
            : 'the process is root in its container',
        fix: 'USER 10001:10001  # after the last line that installs something',
      });
    },
  },
  {
    id: 'config.image-pin',
    title: 'Images are built on versions that are named',
    level: 'warning',
    guide: 14,
    asvs: ['v5.0.0-15.2.4 (in part)'],
    cwe: ['CWE-1104', 'CWE-494'],
    look({ stages }, file, say) {
      const aliases = new Set(stages.map(({ alias }) => alias?.toLowerCase()));
      for (const { image, at } of stages) {
        if (
          image === 'scratch' ||
          aliases.has(image.toLowerCase()) ||
          image.includes('$') ||
          image.includes('@sha256:')
        )
          continue;
        const tag = /:(?<tag>[\w.-]+)$/.exec(image.slice(image.lastIndexOf('/') + 1))?.groups?.['tag'];
        const open =
          tag === undefined ||
          /^(?:latest|edge|stable|lts|current|nightly|master|main|alpine|slim)$/.test(tag);
        say({
          at: { file, at },
          level: open ? 'warning' : 'note',
          message: open ? `${image} is another image tomorrow` : `${image} can be replaced under its name`,
          fix: `FROM ${image.replace(/:[\w.-]+$/, '')}:${open ? '<version>' : (tag ?? '')}@sha256:<digest>  # docker buildx imagetools inspect ${image}`,
        });
      }
      for (const { name, text, at } of stages.flatMap(({ instructions }) => instructions)) {
        const open = name === 'RUN' ? openPackages(text) : [];
        if (open.length > 0)
          say({
            at: { file, at },
            message: `${open.slice(0, 5).join(', ')}: another version tomorrow, whoever has published it`,
            fix: 'RUN pip install --require-hashes -r requirements.txt  # of npm: npm ci; of one program: its name and version',
          });
      }
    },
  },
  {
    id: 'config.image-secret',
    title: 'No layer of an image holds a secret',
    level: 'error',
    guide: 1,
    asvs: ['v5.0.0-13.3.1 (in part)'],
    cwe: ['CWE-798', 'CWE-540'],
    look({ stages }, file, say) {
      const fix =
        'RUN --mount=type=secret,id=npm_token NPM_TOKEN=$(cat /run/secrets/npm_token) npm ci  # at run time: the environment of the container';
      for (const { name, text, at } of stages.flatMap(({ instructions }) => instructions)) {
        if (name === 'ENV' || name === 'ARG') {
          for (const { key, value } of pairsOf(text)) {
            if (!SECRET_NAME.test(key) || /_FILE$|PUBLIC/i.test(key)) continue;
            const written = value !== '' && isWrittenOut(value);
            if (name === 'ENV' && !written && !value.includes('$')) continue;
            say({
              at: { file, at },
              level: name === 'ENV' && written && !isPlaceholder(value) ? 'error' : 'warning',
              message:
                name === 'ARG'
                  ? `${key} is given to the build, and stays in the history of the image`
                  : `${key} stands in the image, for whoever can pull it`,
              evidence: `${name} ${key}=...`,
              fix,
            });
          }
        } else if (
          /^(?:COPY|ADD)$/.test(name) &&
          /(?:^|[\s/])(?:\.env(?:\.(?!example|sample)\w+)?|id_(?:rsa|ed25519|ecdsa)|\.npmrc|\.pypirc|\.netrc|[\w-]+\.(?:pem|key|p12|pfx))(?=\s)/.test(
            text,
          )
        ) {
          say({
            at: { file, at },
            level: 'warning',
            message: 'a file that holds secrets is put into the image',
            evidence: `${name} ...`,
            fix,
          });
        }
      }
    },
  },
  {
    id: 'config.image-context',
    title: 'Only what an image needs is put into it',
    level: 'note',
    guide: 1,
    asvs: ['v5.0.0-13.4.1 (in part)'],
    cwe: ['CWE-527', 'CWE-540'],
    look(image, file, say, tree) {
      const all = image.stages.flatMap(({ instructions }) => instructions);
      const copy = all.find(
        ({ name, text }) =>
          /^(?:COPY|ADD)$/.test(name) &&
          !text.includes('--from') &&
          /(?:^|\s)\.\/?\s+\S+$/.test(text.replaceAll(/--\S+\s+/g, '')),
      );
      if (copy === undefined || hasIgnore(file, tree)) return;
      say({
        at: { file, at: copy.at },
        message: 'the whole folder is copied, and no .dockerignore keeps .git and .env out',
        fix: "printf '.git\\n.env*\\nnode_modules\\n' > .dockerignore",
      });
    },
  },
  {
    id: 'config.image-download',
    title: 'What an image is built of comes from where it should, and is what was looked at',
    level: 'error',
    guide: 14,
    asvs: ['v5.0.0-15.2.4 (in part)'],
    cwe: ['CWE-494', 'CWE-295'],
    look({ stages }, file, say) {
      for (const instruction of stages.flatMap(({ instructions }) => instructions))
        lookAtDownload(instruction, file, say);
    },
  },
  {
    id: 'config.image-server',
    title: 'An image starts a server for production',
    level: 'warning',
    guide: 15,
    asvs: ['v5.0.0-13.4.2 (in part)'],
    cwe: ['CWE-489'],
    look(image, file, say) {
      const all = finalStages(image).flatMap(({ instructions }) => instructions);
      for (const { name, text, at } of all) {
        const plain = text.replaceAll(/[[\]",']/g, ' ').replaceAll(/\s+/g, ' ');
        if (
          /^(?:CMD|ENTRYPOINT)$/.test(name) &&
          /\b(?:flask (?:--\S+ \S+ )*run|manage\.py runserver|nodemon|npm (?:run )?(?:dev|start:dev)|next dev|vite(?: dev)?$|--reload|ts-node-dev|webpack serve)\b/.test(
            plain,
          )
        )
          say({
            at: { file, at },
            message: 'a server for development answers to everybody',
            fix: 'CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:create_app()"]  # or: CMD ["node", "server.js"]',
          });
        if (name === 'ENV') {
          for (const { key, value } of pairsOf(text)) {
            const debug =
              (/^(?:FLASK_DEBUG|DJANGO_DEBUG|DEBUG|WERKZEUG_DEBUG\w*)$/.test(key) &&
                /^(?:1|true|on|yes)$/i.test(value)) ||
              (/^(?:FLASK_ENV|NODE_ENV|RAILS_ENV|APP_ENV)$/.test(key) && value === 'development');
            if (debug)
              say({
                at: { file, at },
                message: `${key} says that this is no production`,
                fix: `ENV ${key}=${key.endsWith('ENV') ? 'production' : '0'}`,
              });
          }
        }
      }
    },
  },
];

/** Rules about images. */
export const dockerfileRules: readonly SourceRule[] = configRules(
  {
    reads: (path) =>
      // Machines that build and test, and those that somebody develops on, serve nobody.
      !/(?:^|\/)\.?(?:ci|github|gitlab|gitlab-ci|circleci|devcontainer)\//.test(path) &&
      /(?:^|\/)(?:[\w-]+\.)?(?:Dockerfile|Containerfile)(?:\.(?!dockerignore)[\w-]+)?$|(?:^|\/)[\w-]+\.dockerfile$/i.test(
        path,
      ),
    parse: readDockerfile,
  },
  rules,
);

function lookAtDownload({ name, text, at }: Instruction, file: SourceFile, say: Say): void {
  const url = /^(?:ADD)$/.test(name)
    ? /(?:^|\s)(?<url>https?:\/\/\S+)/.exec(text)?.groups?.['url']
    : undefined;
  if (url !== undefined && !text.includes('--checksum=')) {
    const clear = url.startsWith('http:');
    say({
      at: { file, at },
      level: clear ? 'error' : 'warning',
      message: clear
        ? 'a file comes over the network in clear'
        : 'whatever lies at an address today is put into the image',
      fix: `ADD --checksum=sha256:<digest> ${url.replace('http:', 'https:').split(/[?#]/)[0] ?? ''} /opt/`,
    });
  }
  if (name !== 'RUN') return;
  if (/\b(?:curl|wget)\b[^|;&]{0,400}\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b/.test(text))
    say({
      at: { file, at },
      level: 'warning',
      message: 'whatever an address answers today runs while the image is built',
      evidence: 'RUN ... | sh',
      fix: 'RUN curl -fsSLo install.sh https://... && echo "<digest>  install.sh" | sha256sum -c && sh install.sh',
    });
  if (
    /\bcurl\b[^|;&]{0,300}\s(?:-\w*k\b|--insecure)|\bwget\b[^|;&]{0,300}--no-check-certificate|strict-ssl[ =]false|--trusted-host|GIT_SSL_NO_VERIFY|http\.sslVerify[ =]false|NODE_TLS_REJECT_UNAUTHORIZED=0|--allow-unauthenticated/.test(
      text,
    )
  )
    say({
      at: { file, at },
      level: 'error',
      message: 'the image is built of what anybody on the way may have changed',
      evidence: 'RUN ... without verification',
      fix: 'COPY our-ca.pem /usr/local/share/ca-certificates/our-ca.crt\nRUN update-ca-certificates',
    });
  if (/\bchmod\s+(?:-R\s+)?0?777\b/.test(text))
    say({
      at: { file, at },
      level: 'warning',
      message: 'everybody in the container may write there',
      evidence: 'RUN chmod 777 ...',
      fix: 'RUN chmod 755 /app && chown app:app /app/data',
    });
}

function* pairsOf(text: string): Generator<{ readonly key: string; readonly value: string }> {
  const old = /^(?<key>\w+)\s+(?<value>[^=]+)$/.exec(text)?.groups;
  if (old !== undefined) yield { key: old['key'] ?? '', value: old['value'] ?? '' };
  for (const { groups } of text.matchAll(
    /(?:^|\s)(?<key>\w+)(?:=(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>\S*)))?/g,
  )) {
    if (old === undefined)
      yield {
        key: groups?.['key'] ?? '',
        value: groups?.['double'] ?? groups?.['single'] ?? groups?.['bare'] ?? '',
      };
  }
}

function hasIgnore({ path }: SourceFile, tree: SourceTree): boolean {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  return [`${path}.dockerignore`, `${folder}.dockerignore`, '.dockerignore'].some((one) =>
    tree.paths.has(one),
  );
}

/** Services that run together: who reaches them, what they may do, and what they are given. */
import { isPlaceholder, isWrittenOut, SECRET_NAME } from '../secrets/likely-secret.ts';
import type { SourceRule } from '../source-rule.ts';
import { type Compose, insideOf, readCompose, type Service } from './compose.ts';
import { type ConfigRule, configRules } from './config-rule.ts';

const DATABASE =
  /(?:^|\/)(?:postgres|postgis|mysql|mariadb|percona|mongo|redis|valkey|keydb|memcached|elasticsearch|opensearch|rabbitmq|clickhouse|couchdb|cassandra|influxdb|neo4j|etcd|zookeeper|kafka|adminer|phpmyadmin|pgadmin|mongo-express|minio|timescaledb|cockroach)[\w-]*(?:[:@/]|$)/i;

const rules: readonly ConfigRule<Compose>[] = [
  {
    id: 'config.compose-port',
    title: 'Databases are reached by the services that use them, and by nobody else',
    level: 'warning',
    guide: 15,
    asvs: [],
    cwe: ['CWE-668'],
    look({ services }, file, say) {
      for (const service of services) {
        if (!DATABASE.test(service.field('image')?.text ?? '')) continue;
        for (const port of service.entries('ports')) {
          const long = insideOf(port);
          const host = long.get('host_ip') ?? '';
          const local =
            /^["']?(?:127\.|localhost:|\[::1\]:|\$\{[\w:-]*(?:127\.0\.0\.1|HOST|BIND)[^}]*\}:)/.test(
              port.text ?? '',
            ) || /^(?:127\.|::1)/.test(host);
          if (local || (long.size > 0 && long.get('published') === undefined)) continue;
          if (long.size === 0 && !/:/.test(port.text ?? '')) continue;
          say({
            at: { file, at: port.at },
            message: `${service.name} is reached from every network of the host, past its firewall`,
            fix: '- "127.0.0.1:5432:5432"  # or no port at all: services of one file reach each other by name',
          });
        }
      }
    },
  },
  {
    id: 'config.compose-privilege',
    title: 'Services have no rights over their host',
    level: 'error',
    guide: 15,
    asvs: ['v5.0.0-13.2.2 (in part)'],
    cwe: ['CWE-250'],
    why: 'Whoever breaks into the service has the host.',
    look({ services }, file, say) {
      for (const service of services) {
        for (const { at, message, level } of rightsOf(service)) {
          say({
            at: { file, at },
            level,
            message: `${service.name} ${message}`,
            fix: 'cap_drop: [ALL]\nsecurity_opt: ["no-new-privileges:true"]\nread_only: true',
          });
        }
      }
    },
  },
  {
    id: 'config.compose-secret',
    title: 'No password is written out in a compose file',
    level: 'error',
    guide: 1,
    asvs: ['v5.0.0-13.3.1 (in part)', 'v5.0.0-13.2.3 (in part)'],
    cwe: ['CWE-798', 'CWE-540'],
    look({ services }, file, say) {
      const fix =
        'POSTGRES_PASSWORD_FILE: /run/secrets/db_password  # secrets: { db_password: { file: ./db_password } }';
      for (const service of services) {
        for (const { key, text = '', at } of service.entries('environment')) {
          if (
            (key === 'POSTGRES_HOST_AUTH_METHOD' && text === 'trust') ||
            (/ALLOW_(?:EMPTY|ANONYMOUS)/.test(key) && /^(?:1|yes|true)$/i.test(text))
          ) {
            say({ at: { file, at }, message: `${service.name} lets in whoever asks`, evidence: key, fix });
            continue;
          }
          const fallback = /^\$\{\w+:?-(?<value>[^}]*)\}$/.exec(text)?.groups?.['value'];
          const value = fallback ?? text;
          if (!SECRET_NAME.test(key) || key.endsWith('_FILE') || value === '' || !isWrittenOut(value))
            continue;
          const weak = isPlaceholder(value);
          say({
            at: { file, at },
            level: weak && fallback === undefined ? 'error' : 'warning',
            message: weak
              ? `${key} is a word that is tried first${fallback === undefined ? '' : ', where nothing else is set'}`
              : `${key} is written out`,
            evidence: `${key}: ...`,
            fix,
          });
        }
      }
    },
  },
  {
    id: 'config.compose-image',
    title: 'Services run versions that are named',
    level: 'warning',
    guide: 14,
    asvs: ['v5.0.0-15.2.4 (in part)'],
    cwe: ['CWE-1104'],
    look({ services }, file, say) {
      for (const service of services) {
        const image = service.field('image');
        const name = image?.text;
        if (
          image === undefined ||
          name === undefined ||
          service.field('build') !== undefined ||
          /[$@]/.test(name)
        )
          continue;
        const tag = /:(?<tag>[^/:]+)$/.exec(name)?.groups?.['tag'];
        if (tag !== undefined && tag !== 'latest') continue;
        say({
          at: { file, at: image.at },
          message: `${name} is another image tomorrow`,
          fix: `image: ${name.replace(/:latest$/, '')}:<version>@sha256:<digest>`,
        });
      }
    },
  },
];

/** Rules about compose files. */
export const composeRules: readonly SourceRule[] = configRules(
  { reads: (path) => /(?:^|\/)(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/.test(path), parse: readCompose },
  rules,
);

function* rightsOf(
  service: Service,
): Generator<{ readonly at: number; readonly message: string; readonly level: 'error' | 'warning' }> {
  const privileged = service.field('privileged');
  if (privileged?.text === 'true')
    yield { at: privileged.at, message: 'may do whatever its host may', level: 'error' };
  for (const { key, at } of service.entries('cap_add')) {
    if (/^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|DAC_READ_SEARCH)$/.test(key))
      yield { at, message: `has ${key}, which is as good as root on the host`, level: 'error' };
  }
  for (const key of ['pid', 'ipc', 'network_mode', 'userns_mode']) {
    const field = service.field(key);
    if (field?.text === 'host')
      yield { at: field.at, message: `shares the ${key.replace('_mode', '')} of its host`, level: 'warning' };
  }
  for (const { key, text, at } of service.entries('security_opt')) {
    if (/unconfined/.test(`${key}=${text ?? ''}`))
      yield { at, message: 'runs without the filter of system calls', level: 'warning' };
  }
  for (const volume of service.entries('volumes')) {
    const source = insideOf(volume).get('source') ?? (volume.text ?? volume.key).split(':')[0] ?? '';
    if (/docker\.sock$|podman\.sock$|containerd\.sock$/.test(source))
      yield {
        at: volume.at,
        message: 'speaks to the daemon of containers, which is root on the host',
        level: 'error',
      };
    else if (/^\/(?:etc|root|proc|sys|boot|dev)?\/?$/.test(source))
      yield { at: volume.at, message: `has ${source} of its host`, level: 'error' };
  }
}

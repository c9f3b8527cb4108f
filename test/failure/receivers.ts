/** Real receivers of logs, each a process of its own on loopback that can be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { collectorProgram } from '../../tools/collector.ts';
import { findSyslogNg } from '../../tools/syslog-ng.ts';
import { until } from '../support/until.ts';

/** A program that takes records. */
export interface Receiver {
  readonly port: number;
  start(): Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** What it has taken. */
  text(): string;
}

/** Certificates of a receiver over TLS. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

abstract class Program implements Receiver {
  readonly port: number;
  protected readonly folder: string;
  #child: ChildProcess | undefined;

  constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  async start(): Promise<void> {
    const { command, args, env = {} } = this.how();
    this.#child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.on('data', (bytes: Buffer) => this.said(bytes));
    await until('the receiver listens', async () => await isOpen(this.port));
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  text(): string {
    const path = join(this.folder, 'received');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  protected said(_bytes: Buffer): void {
    // Most write what they take to a file.
  }

  protected abstract how(): {
    command: string;
    args: string[];
    env?: Readonly<Record<string, string>>;
  };
}

/** rsyslog, each record in the file before the next is read. */
export class Rsyslog extends Program {
  readonly #certificate: Certificate | undefined;

  constructor(folder: string, port: number, certificate?: Certificate) {
    super(folder, port);
    this.#certificate = certificate;
  }

  protected how(): { command: string; args: string[] } {
    const conf = join(this.folder, 'rsyslog.conf');
    const tls = this.#certificate;
    const driver =
      tls === undefined ? '' : ' StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"';
    const files =
      tls === undefined
        ? ''
        : `defaultNetstreamDriverCAFile="${tls.cert}" defaultNetstreamDriverCertFile="${tls.cert}" defaultNetstreamDriverKeyFile="${tls.key}"`;
    writeFileSync(
      conf,
      `global(workDirectory="${this.folder}" maxMessageSize="64k" ${files})
module(load="imtcp" MaxSessions="500"${driver})
main_queue(queue.type="Direct")
template(name="all" type="string" string="%msg%|%structured-data%|%app-name%|%timereported:::date-rfc3339%|%pri%\\n")
input(type="imtcp" port="${this.port}" address="127.0.0.1")
action(type="omfile" file="${join(this.folder, 'received')}" template="all")
`,
    );
    return { command: 'rsyslogd', args: ['-n', '-f', conf, '-i', join(this.folder, 'pid')] };
  }
}

/** syslog-ng. */
export class SyslogNgReceiver extends Program {
  protected how(): { command: string; args: string[]; env: Readonly<Record<string, string>> } {
    const found = findSyslogNg();
    if (found === undefined) throw new Error('there is no syslog-ng');
    const conf = join(this.folder, 'syslog-ng.conf');
    writeFileSync(
      conf,
      `@version: ${found.version}
options { keep-hostname(yes); log-msg-size(65536); stats-freq(0); };
source s { syslog(ip("127.0.0.1") port(${this.port}) transport("tcp") max-connections(500)
  log-iw-size(50000) flags(sync-parse)); };
destination d { file("${join(this.folder, 'received')}" template("\${MSG}|\${SDATA}|\${PROGRAM}\\n") flush-lines(1)); };
log { source(s); destination(d); flags(flow-control); };
`.replace('\n  log-iw-size(50000) flags(sync-parse)', ' log-iw-size(50000)'),
    );
    const own = ['persist-file', 'control', 'pidfile'].map((name) => `--${name}=${join(this.folder, name)}`);
    return {
      command: found.program,
      args: ['-F', '-f', conf, '--no-caps', ...own, ...found.options],
      env: found.env,
    };
  }
}

/** The OpenTelemetry Collector. */
export class Collector extends Program {
  #printed = '';

  override text(): string {
    return this.#printed;
  }

  protected override said(bytes: Buffer): void {
    this.#printed += bytes.toString();
  }

  protected how(): { command: string; args: string[] } {
    const conf = join(this.folder, 'collector.yaml');
    writeFileSync(
      conf,
      `receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:${this.port}
exporters:
  debug:
    verbosity: detailed
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [otlp]
      exporters: [debug]
    traces:
      receivers: [otlp]
      exporters: [debug]
    metrics:
      receivers: [otlp]
      exporters: [debug]
`,
    );
    return { command: collectorProgram(), args: [`--config=file:${conf}`] };
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

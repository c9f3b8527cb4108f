/** Puts the file of a log together: its chain, who signs it, and who keeps the heads. */
import type { KeyRing } from '../../core/key-ring.ts';
import { Chain } from '../chain/chain.ts';
import { signerOfFile, signerOfRing } from '../chain/signing-key.ts';
import type { AuditFileSettings } from './file.options.ts';
import { HeadsFile } from './heads-file.ts';
import { LogFile, type LogFileListener } from './log-file.ts';

/** What the one who writes the log is told. */
export interface LogListener extends Pick<LogFileListener, 'failing' | 'recovered' | 'settle' | 'settleNow'> {
  /** Signed lines, once they are in the file. */
  heads(lines: readonly string[]): void;
  /** Heads could not be kept: the log itself goes on. */
  headsLost(error: Error): void;
}

/** Opens the file that a policy names. */
export type OpenLog = (service: string, clock: () => number, listener: LogListener) => OpenedLog;

/** A file of a log that is open. */
export interface OpenedLog extends Pick<LogFile, 'append' | 'flushed' | 'reopen' | 'health'> {
  close(): Promise<void>;
}

/** How the file of these settings is opened, by who has the keys. */
export function openerOf(settings: AuditFileSettings, keys: KeyRing): OpenLog {
  return (service, clock, listener) => {
    const signer = settings.key === undefined ? signerOfRing(keys) : signerOfFile(settings.key);
    const headsPath = settings.heads ?? `${settings.path}.heads`;
    const heads = new HeadsFile(headsPath, (error) => listener.headsLost(error));
    const file = new LogFile(
      settings,
      new Chain(signer, service, clock),
      {
        ...told(listener),
        heads: (lines) => {
          heads.add(lines);
          listener.heads(lines);
        },
      },
      clock,
      HeadsFile.last(headsPath),
    );
    return {
      append: (body) => file.append(body),
      flushed: () => file.flushed(),
      reopen: () => file.reopen(),
      get health() {
        return file.health;
      },
      close: async () => {
        await file.close();
        await heads.close();
      },
    };
  };
}

function told(
  listener: LogListener,
): Pick<LogFileListener, 'failing' | 'recovered' | 'settle' | 'settleNow'> {
  return {
    settle: async () => await listener.settle?.(),
    settleNow: () => listener.settleNow?.(),
    failing: (error) => listener.failing(error),
    recovered: (lost, goneMs, error) => listener.recovered(lost, goneMs, error),
  };
}

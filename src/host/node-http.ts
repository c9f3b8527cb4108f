/**
 * What is used of node:http at run time. An import of it reads every name that it has, and some are only made when they
 * are read: fetch, WebSocket and the streams below them, which takes 65 of the 75 ms of that import. A program that
 * has Express load node:http would wait for them because of us. What is for TLS is loaded where there is TLS.
 */
import type {
  createServer as CreateServer,
  IncomingMessage as NodeIncomingMessage,
  ServerResponse as NodeServerResponse,
} from 'node:http';
import type { RequestListener } from 'node:http';
import type { Server, ServerOptions } from 'node:https';

const http = process.getBuiltinModule('node:http');

export const createHttpServer: typeof CreateServer = http.createServer;

export type IncomingMessage = NodeIncomingMessage;
export const IncomingMessage: typeof NodeIncomingMessage = http.IncomingMessage;

export type ServerResponse = NodeServerResponse;
export const ServerResponse: typeof NodeServerResponse = http.ServerResponse;

export const STATUS_CODES: Readonly<Record<number, string | undefined>> = http.STATUS_CODES;

export function createHttpsServer(options: ServerOptions, listener: RequestListener): Server {
  return process.getBuiltinModule('node:https').createServer(options, listener);
}

/** Whether what a server sends and receives goes through TLS. */
export function isTlsServer(server: object): boolean {
  return server instanceof process.getBuiltinModule('node:tls').Server;
}

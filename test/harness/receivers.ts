/** Real receivers of messages: HTTP servers that keep what they were sent, and those that hang in every way a network knows. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface HttpReceiver extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Those whose path begins so. */
  at(path: string): readonly ReceivedRequest[];
}

/** Answers each request with the status, and, as some servers do, quotes its path. */
export async function startHttpReceiver(status = 200): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = [];
  const server = createHttpServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      response.writeHead(status, { location: '/elsewhere' }).end(`cannot ${request.url ?? ''}`);
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    at: (path) => requests.filter((one) => one.path.startsWith(path)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type Hang = 'accepts and never answers' | 'never accepts' | 'drips bytes for ever';

export interface HangingReceiver extends AsyncDisposable {
  readonly port: number;
}

export type Scheme = 'http' | 'smtp' | 'smtps';

/** Beginnings that clients wait for the end of: a head, a greeting, a TLS record of 16 KiB. */
const beginnings: Readonly<Record<Scheme, string>> = {
  http: 'HTTP/1.1 200 OK\r\nX-Drip: ',
  smtp: '220-',
  smtps: '\u0016\u0003\u0003\u0040\u0000',
};

export async function startHangingReceiver(how: Hang, scheme: Scheme = 'http'): Promise<HangingReceiver> {
  if (how === 'never accepts') return startDeafReceiver();
  return startMuteReceiver(how === 'drips bytes for ever' ? beginnings[scheme] : null);
}

async function startMuteReceiver(beginning: string | null): Promise<HangingReceiver> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).resume());
    if (beginning === null) return;
    socket.write(beginning, 'latin1');
    const timer = setInterval(() => {
      socket.write('x');
    }, 50);
    socket.on('close', () => {
      clearInterval(timer);
    });
  });
  const port = await listen(server);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A process that listens and sleeps, its queue filled: further connections get no answer at all. */
async function startDeafReceiver(): Promise<HangingReceiver> {
  const script = `const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, server.address().port + '\\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as readonly unknown[];
  const port = Number(line);
  const fillers: Socket[] = [];
  for (let isFull = false; !isFull; ) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
    fillers.push(socket);
    isFull = (await Promise.race([once(socket, 'connect'), sleep(300, 'full')])) === 'full';
  }
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

// The recogniser's side of its socket, so that a spec says what is heard and when. The hub under test is a real one, with recorder and
// journal; only the speech model is played. Frames and messages: src/protocol/link.

import { createServer, type Server, type Socket } from 'node:net';

export interface Said {
  seat: string;
  utterance: number;
  from: number;
  to: number;
  text: string;
  /** What the machine was sure of, by pieces; whole and certain if left out. */
  pieces?: { text: string; confidence: number }[];
  /** How the voice sounds; nothing of it if left out. */
  voice?: number[];
}

export class Recogniser {
  readonly #server: Server;
  readonly #hubs = new Set<Socket>();
  #beat: ReturnType<typeof setInterval> | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(path: string): Promise<Recogniser> {
    const server = createServer();
    const recogniser = new Recogniser(server);
    server.on('connection', (hub) => {
      recogniser.#hubs.add(hub);
      hub.resume();
      hub.on('error', () => hub.destroy());
      hub.on('close', () => recogniser.#hubs.delete(hub));
      recogniser.#state();
    });
    await new Promise<void>((done, failed) => server.once('error', failed).listen(path, done));
    recogniser.#beat = setInterval(() => recogniser.#state(), 1000);
    return recogniser;
  }

  close(): void {
    clearInterval(this.#beat);
    for (const hub of this.#hubs) hub.destroy();
    this.#server.close();
  }

  partial({ seat, utterance, from, text }: Pick<Said, 'seat' | 'utterance' | 'from' | 'text'>): void {
    this.#say({ type: 'partial', seat, utterance, from, text });
  }

  settle(said: Said): void {
    const pieces = said.pieces ?? [{ text: said.text, confidence: 0.97 }];
    this.#say({ type: 'final', ...said, raw: said.text, pieces, repairs: [], command: false, latency_ms: 300 });
  }

  /** Said with the bench's key held. */
  command(seat: string, at: number, text: string): void {
    this.#say({ type: 'final', seat, utterance: at, from: at, to: at + 1, text, raw: text, pieces: [], repairs: [], command: true, latency_ms: 300 });
  }

  #state(): void {
    this.#say({ type: 'state', model: 'e2e', lag_ms: 0, fault: null });
  }

  #say(message: unknown): void {
    const json = Buffer.from(JSON.stringify(message));
    const head = Buffer.alloc(8);
    head.writeUInt32LE(json.length, 0);
    for (const hub of this.#hubs) hub.write(Buffer.concat([head, json]));
  }
}

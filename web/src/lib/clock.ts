// The server's clock, as one offset from this device's. No client clock ever decides what counts; the offset only
// makes every screen show the same thing at the same moment.

const SAMPLES = 5;

export interface ServerClock {
  /** Milliseconds since the epoch by the server. */
  now(): number;
  /** Ask the server again; the quickest answer of a round decides. */
  sync(): Promise<void>;
}

export function createServerClock(askServer: () => Promise<number>, deviceNow: () => number): ServerClock {
  let offset = 0;
  return {
    now: () => deviceNow() + offset,
    async sync() {
      let quickest = Number.POSITIVE_INFINITY;
      for (let sample = 0; sample < SAMPLES; sample += 1) {
        const sent = deviceNow();
        const server = await askServer();
        const took = deviceNow() - sent;
        if (took < quickest) {
          quickest = took;
          offset = server - (sent + took / 2);
        }
      }
    },
  };
}

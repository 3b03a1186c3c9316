import { connect, createServer, type Server, type Socket } from "node:net";

/** A wire to a server that a test can cut. */
export interface Wire {
  /** The server's URL by way of this wire. */
  readonly url: string;
  /** Cuts every connection in place of the next answer on it: what was asked for is done, and nobody learns of it. */
  cutAnswers(): void;
  /** Nothing passes any more, either way, and nobody is told. */
  hold(): void;
  /** Lets pass again what comes from now on; what was held is lost, and its connections with it. */
  release(): void;
  close(): Promise<void>;
}

/** Opens a port on this machine that leads to the server of `url`. */
export async function openWire(url: string): Promise<Wire> {
  const target = new URL(url);
  const pairs = new Map<Socket, Socket>();
  const doomed = new Set<Socket>();
  let isHeld = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    pairs.set(near, far);
    near.on("data", (chunk) => void (isHeld || far.write(chunk)));
    far.on("data", (chunk) => {
      if (doomed.delete(near)) near.destroy();
      else if (!isHeld) near.write(chunk);
    });
    const end = () => {
      pairs.delete(near);
      doomed.delete(near);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on("error", end).on("close", end);
  });
  const destroyAll = () => {
    for (const near of pairs.keys()) near.destroy();
  };
  const port = await listening(server);
  const own = new URL(url);
  own.port = String(port);
  return {
    url: own.href,
    cutAnswers: () => {
      for (const near of pairs.keys()) doomed.add(near);
    },
    hold: () => {
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      destroyAll();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        destroyAll();
      }),
  };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** Whether the ports are free, asked before anything starts. */

import { connect, createServer } from "node:net";
import { PORT_FLAGS, type Ports } from "./options.ts";

const CONNECT_TIMEOUT_MS = 500;

/** One line for each port that is taken, naming the flag that changes it. */
export async function takenPorts(ports: Ports): Promise<string[]> {
  const names = ["gateway", "simulator", "origin"] as const;
  const problems = await Promise.all(
    names.map(async (name) => {
      const port = ports[name];
      const problem = await portProblem(port);
      const remedy = `choose another with ${PORT_FLAGS[name]}: npm start -- ${PORT_FLAGS[name]} ${port + 100}`;
      return problem === null ? [] : [`port ${port} (${name}) ${problem}; ${remedy}`];
    }),
  );
  return problems.flat();
}

async function portProblem(port: number): Promise<string | null> {
  // Asked both ways: some systems let two programs listen side by side, and `localhost` may mean ::1.
  const answers = await Promise.all([isAnswered("127.0.0.1", port), isAnswered("::1", port)]);
  if (answers.includes(true)) return "is taken by another program";
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "EADDRINUSE" ? "is taken by another program" : `cannot be used (${error.code})`);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(null)));
  });
}

function isAnswered(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const done = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
    socket.once("timeout", () => done(false));
  });
}

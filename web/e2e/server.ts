import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Starting = { data?: string; listen?: string; more?: readonly string[] };

/** The real program, on a temporary directory and a free port. */
export class Server {
  readonly base: string;
  readonly setupUrl: string | null;
  readonly data: string;
  private readonly process: ChildProcess;

  private constructor(base: string, setupUrl: string | null, data: string, process: ChildProcess) {
    this.base = base;
    this.setupUrl = setupUrl;
    this.data = data;
    this.process = process;
  }

  static async start({ data, listen = "127.0.0.1:0", more = [] }: Starting = {}): Promise<Server> {
    const binary = process.env.SALESDASH_BIN ?? fileURLToPath(new URL("../../target/debug/salesdash", import.meta.url));
    const directory = data ?? (await mkdtemp(join(tmpdir(), "salesdash-e2e-")));
    const child = spawn(binary, ["serve", "--data", directory, "--listen", listen, ...more], { stdio: ["ignore", "ignore", "pipe"] });
    const said: string[] = [];
    let setupUrl: string | null = null;
    const base = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`${binary} ended with ${code}:\n${said.join("\n")}`)));
      createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
        said.push(line);
        setupUrl ??= /https?:\/\/\S+\/setup\?token=\S+/.exec(line)?.[0] ?? null;
        const found = /listening on (http:\/\/\S+)/.exec(line)?.[1];
        // The link may be printed before or after; both lines come at once.
        if (found) setImmediate(() => resolve(found));
      });
    });
    return new Server(base, setupUrl, directory, child);
  }

  /** Ends it, as an operator does. The data stays for another start. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGTERM");
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.data, { recursive: true, force: true });
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { Api } from "./fixtures";

export type PlayedDeal = { id: string; title: string; status: string; amount: number | null; owner: { id: string; name: string }; closed_at: string; updated_at: string };
export type Reply = { status: number; headers?: { [name: string]: string }; body?: unknown } | "half" | "close" | "silence";
export type Asked = { method: string; path: string; query: string; headers: { [name: string]: string }; body: string };

/** A deal that was changed on the given day of January. */
export function playedDeal(number: number, day = number): PlayedDeal {
  const at = `2026-01-${String(day).padStart(2, "0")}T09:00:00Z`;
  const owner = number % 2 === 0 ? { id: "u-1", name: "Femke Example" } : { id: "u-2", name: "Jonas Example" };
  return { id: `d-${number}`, title: `Deal ${number}`, status: "won", amount: 100 * number, owner, closed_at: at, updated_at: at };
}

/** A CRM that is played on this machine. It pages by threes, lets people grant access in the browser, and goes wrong where it is told to. */
export class Vendor {
  private constructor(
    readonly base: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(): Promise<Vendor> {
    const program = process.env.FAKE_VENDOR ?? fileURLToPath(new URL("../../target/debug/fake-vendor", import.meta.url));
    const child = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
    const base = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
        const found = /listening on (http:\/\/\S+)/.exec(line)?.[1];
        if (found) resolve(found);
      });
    });
    return new Vendor(base, child);
  }

  /** Ends it: it ends with its standard input. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.stdin?.end();
    await ended;
  }

  private async direct<T>(what: string, body: unknown = {}): Promise<T> {
    const response = await fetch(`${this.base}/control/${what}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Sets the deals that it has. */
  async deals(deals: readonly PlayedDeal[]): Promise<void> {
    await this.direct("table", { name: "deals", records: deals });
  }

  /** Sets what else it has: `users`, asked for one by one, and `teams`, asked for by their ids. */
  async table(name: "users" | "teams", records: readonly { id: string }[]): Promise<void> {
    await this.direct("table", { name, records });
  }

  /** Has the next requests below a path go wrong. */
  async fault(path: string, reply: Reply, times = 1): Promise<void> {
    await this.direct("fault", { path, reply, times });
  }

  /** Ends what goes wrong. */
  async mend(): Promise<void> {
    await this.direct("mend");
  }

  /** Has requests below a path wait until they are released. */
  async hold(path: string): Promise<void> {
    await this.direct("hold", { path });
  }

  async release(): Promise<void> {
    await this.direct("release");
  }

  /** Accepts these access tokens only. */
  async accept(...tokens: string[]): Promise<void> {
    await this.direct("accept", { tokens });
  }

  /** Takes back every token. */
  async revoke(): Promise<void> {
    await this.direct("revoke");
  }

  /** Waits until a path was asked so often. */
  async waitFor(path: string, count: number): Promise<void> {
    await this.direct("wait", { path, count });
  }

  /** What was asked below a path so far. */
  async asked(path: string): Promise<Asked[]> {
    return (await this.direct<Asked[]>("asked")).filter((each) => each.path.startsWith(path));
  }
}

/** A source that polls the played CRM, as somebody has filled it in. */
export async function polled(api: Api, base: string): Promise<{ id: string }> {
  const provider = await api.call<{ id: string }>("POST", "/providers", {
    type: "http_api",
    name: "Shaky CRM",
    settings: { base_url: base, method: "none" },
    credentials: {},
  });
  const poll = {
    title: "Deals",
    model: "shaky_deal",
    list: {
      request: { path: "/v1/deals", query: { page: { type: "var", var: "page.number" }, updated_since: { type: "var", var: "since" } } },
      records: "data.items",
      paging: { type: "page", size: 3 },
    },
    incremental: { type: "server", field: "updated_at", order: "ascending" },
  };
  return api.call<{ id: string }>("POST", `/providers/${provider.id}/sources`, {
    name: "Shaky deals",
    kind: "poll",
    model: "shaky_deal",
    settings: { poll, key: "id", interval_seconds: 3600 },
  });
}

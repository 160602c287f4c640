/** Requests with large bodies, sent from a thread of its own: handing a text over costs the page a fraction of what sending it does. */

export type Asked = { id: number; url: string; method: string; headers: [string, string][]; body: string } | { stop: number };
export type Answered = { id: number; status: number; headers: [string, string][]; text: string } | { id: number; failed: string };

type Waiting = { done: (response: Response) => void; failed: (error: unknown) => void };

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let last = 0;

function start(): Worker {
  const made = new Worker(new URL("./aside.worker.ts", import.meta.url), { type: "module" });
  made.onmessage = ({ data }: MessageEvent<Answered>): void => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    // In the words in which the page's own `fetch` fails.
    if ("failed" in data) asked?.failed(new TypeError(`fetch failed: ${data.failed}`));
    else asked?.done(new Response(data.status === 204 ? null : data.text, { status: data.status, headers: data.headers }));
  };
  made.onerror = (): void => {
    for (const each of waiting.values()) each.failed(new TypeError("fetch failed: its thread ended"));
    waiting.clear();
    worker = undefined;
  };
  return made;
}

/** As `fetch`, for a body that is a text. */
export function fetchAside(url: string, init: { method: string; headers: Headers; body: string; signal?: AbortSignal | undefined }): Promise<Response> {
  if (typeof Worker === "undefined") return fetch(url, { ...init, credentials: "same-origin" });
  const { method, headers, body, signal } = init;
  worker ??= start();
  const own = worker;
  const id = (last += 1);
  return new Promise<Response>((done, failed) => {
    signal?.throwIfAborted();
    waiting.set(id, { done, failed });
    signal?.addEventListener("abort", () => {
      if (!waiting.delete(id)) return;
      own.postMessage({ stop: id } satisfies Asked);
      failed(signal.reason);
    });
    own.postMessage({ id, url, method, headers: [...headers], body } satisfies Asked);
  });
}

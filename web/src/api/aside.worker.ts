/** Sends requests for `aside.ts`: a large body costs the thread that sends it, and that should not be the page's own. */
import type { Answered, Asked } from "./aside";

const running = new Map<number, AbortController>();
const answer = (message: Answered): void => (self as unknown as Worker).postMessage(message);

self.onmessage = async ({ data }: MessageEvent<Asked>): Promise<void> => {
  if ("stop" in data) {
    running.get(data.stop)?.abort();
    return;
  }
  const { id, url, method, headers, body } = data;
  const stopping = new AbortController();
  running.set(id, stopping);
  try {
    const response = await fetch(url, { method, headers, body, signal: stopping.signal, credentials: "same-origin" });
    answer({ id, status: response.status, headers: [...response.headers], text: await response.text() });
  } catch (error) {
    answer({ id, failed: String(error) });
  } finally {
    running.delete(id);
  }
};

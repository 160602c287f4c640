import type { Diagnostic, Problem } from "~/generated/api";

import { fetchAside } from "./aside";

/** What the server answered when it did not do what was asked. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly pointer: string | undefined;
  readonly diagnostics: Diagnostic[];
  readonly problem: Problem | undefined;
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Problem | undefined, fallback: string, retryAfter?: number) {
    super(problem?.detail || problem?.title || fallback);
    this.status = status;
    this.code = problem?.code ?? `http_${status}`;
    this.pointer = problem?.pointer;
    this.diagnostics = problem?.diagnostics ?? [];
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** A sentence for people about whatever was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) {
    const text = error.message;
    return text.charAt(0).toUpperCase() + text.slice(1);
  }
  // What a request that got no answer throws, in the words of each browser. Any other is a mistake of ours.
  if (error instanceof TypeError && /fetch|network|load/i.test(error.message)) return "The server does not answer. It may be restarting; your work is kept.";
  return error instanceof Error ? error.message : String(error);
}

export type Query = Record<string, string | number | boolean | null | undefined>;

type Options = {
  query?: Query;
  body?: unknown;
  /** A body that is sent as it is. */
  raw?: { type: string; data: BodyInit };
  ifMatch?: string;
  headers?: { [name: string]: string };
  signal?: AbortSignal;
  /** Sent from a thread of its own: for large bodies, while somebody types. */
  aside?: boolean;
};

let csrf = "";
let onSignedOut: (() => void) | null = null;

/** The token that every change must carry; it comes with the session. */
export function setCsrf(token: string | null): void {
  csrf = token ?? "";
}

/** Called when an answer says that nobody is signed in any more. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

export const base = "/api/v1";

export function urlOf(path: string, query?: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return `${base}${path}${text ? `?${text}` : ""}`;
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers = new Headers({ Accept: "application/json", ...options.headers });
  let body: BodyInit | undefined;
  if (options.raw) {
    headers.set("Content-Type", options.raw.type);
    body = options.raw.data;
  } else if (options.body !== undefined) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(options.body);
  }
  if (method !== "GET") headers.set("X-CSRF-Token", csrf);
  if (options.ifMatch) headers.set("If-Match", options.ifMatch);
  const url = urlOf(path, options.query);
  const response =
    options.aside && typeof body === "string"
      ? await fetchAside(url, { method, headers, body, signal: options.signal })
      : await fetch(url, { method, headers, body, signal: options.signal, credentials: "same-origin" });
  if (response.ok) return response;
  const problem = await response
    .json()
    .then((read: unknown) => read as Problem)
    .catch(() => undefined);
  const after = Number(response.headers.get("Retry-After"));
  if (response.status === 401 && path !== "/session") onSignedOut?.();
  throw new ApiError(response.status, problem, `${response.status} ${response.statusText}`, Number.isFinite(after) && after > 0 ? after : undefined);
}

async function read<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Answers as text, with their ETag: for documents whose numbers must keep every digit, which are read by `~/core/json`. */
export async function exchange(
  method: string,
  path: string,
  options: { query?: Query; body?: string; ifMatch?: string; signal?: AbortSignal; aside?: boolean } = {},
): Promise<{ text: string; etag: string | null }> {
  const { body, ...rest } = options;
  const response = await send(method, path, body === undefined ? rest : { ...rest, raw: { type: "application/json", data: body } });
  return { text: await response.text(), etag: response.headers.get("ETag") };
}

/** The HTTP API. `path` is what follows `/api/v1`. Failures are thrown as `ApiError`. */
export const api = {
  get: async <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => read<T>(await send("GET", path, { query, signal })),
  /** Also gives the ETag, for the `ifMatch` of a later `put`. */
  getTagged: async <T>(path: string, query?: Query, signal?: AbortSignal): Promise<{ data: T; etag: string | null }> => {
    const response = await send("GET", path, { query, signal });
    return { data: await read<T>(response), etag: response.headers.get("ETag") };
  },
  post: async <T>(path: string, body?: unknown, options: Omit<Options, "body"> = {}): Promise<T> => read<T>(await send("POST", path, { ...options, body })),
  put: async <T>(path: string, body?: unknown, options: Omit<Options, "body"> = {}): Promise<T> => read<T>(await send("PUT", path, { ...options, body })),
  putTagged: async <T>(path: string, body: unknown, ifMatch?: string): Promise<{ data: T; etag: string | null }> => {
    const response = await send("PUT", path, { body, ifMatch });
    return { data: await read<T>(response), etag: response.headers.get("ETag") };
  },
  patch: async <T>(path: string, body?: unknown, options: Omit<Options, "body"> = {}): Promise<T> => read<T>(await send("PATCH", path, { ...options, body })),
  /** The whole answer, for what is no JSON. */
  response: (method: string, path: string, options: Options = {}): Promise<Response> => send(method, path, options),
  delete: async <T>(path: string, query?: Query): Promise<T> => read<T>(await send("DELETE", path, { query })),
};

/** The same, with bodies as text, for documents whose numbers have more digits than JavaScript's. */
export async function requestText(
  method: string,
  path: string,
  body?: string,
  headers: { [name: string]: string } = {},
  signal?: AbortSignal,
): Promise<{ status: number; etag: string | null; text: string }> {
  const response = await send(method, path, { raw: body === undefined ? undefined : { type: "application/json", data: body }, headers, signal });
  return { status: response.status, etag: response.headers.get("ETag"), text: await response.text() };
}

const session = {
  user: { id: "u1", name: "Robin Admin", email: "robin@example.com", role: "admin", reveal: true },
  tenant: { id: "t1", name: "Example Sales", timezone: "Europe/Amsterdam", currency: "EUR", country: "NL", projects: true },
  csrf: "mock",
  version: "0.1.0",
};

const table: Record<string, unknown> = {
  "GET /session": session,
  "POST /session": session,
  "GET /setup": { needed: false },
  "GET /providers": [],
  "GET /processors": [],
  "GET /overview": { sources: [], attention: [], totals: { executions_24h: 0, failed_24h: 0, waiting: 0, records: {} } },
};

export function answer(method: string, url: URL, _body: unknown): { status: number; body: unknown } {
  const found = table[`${method} ${url.pathname}`];
  if (found !== undefined) return { status: 200, body: found };
  return { status: 404, body: { type: "about:blank", title: "Not found", status: 404, code: "not_found", detail: `the mock has no ${method} ${url.pathname}` } };
}

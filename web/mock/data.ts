/* Made-up data in the shapes of the API, for looking at pages without a server. */

const now = Date.now();
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const health = (state: string, minutes: number | null, detail: string) => ({ state, last_at: minutes === null ? null : ago(minutes), detail });
const ledger = (received: number, duplicate: number, stale: number, rejected: number, waiting: number, failed: number) => ({
  received,
  executed: received - duplicate - stale - rejected - waiting - failed,
  duplicate,
  stale,
  rejected,
  waiting,
  failed,
});

const session = {
  user: { id: "1", name: "Robin Admin", email: "robin@example.com", role: "admin", reveal: true },
  tenant: { id: "1", name: "Example Sales", timezone: "Europe/Amsterdam", currency: "EUR", country: "NL", projects: true, retention_days: 90, retention_bytes: null },
  csrf: "mock",
  version: "0.1.0",
};

const verification = [
  { name: "verification", title: "How requests are verified", type: "enum", required: true, help: "`secret URL` trusts whoever knows the address", options: [{ value: "none", title: "Secret URL" }, { value: "bearer", title: "Bearer token" }, { value: "github", title: "HMAC, as GitHub" }, { value: "stripe", title: "HMAC, as Stripe" }], default: "none" },
  { name: "secret", title: "Secret", type: "secret", required: true, help: "Made by the sender, or by you", when: { field: "verification", equals: ["bearer", "github", "stripe"] } },
];

const types = [
  { type: "webhooks", title: "Webhooks", summary: "Anything that can send JSON or a form to a URL", auth: "Nothing to sign in with", connects_in_browser: false, can_test: false, mark: { letters: "WH", color: "#4f46e5" }, settings: [{ name: "timezone", title: "Time zone", type: "string", required: false, help: "Of times that come without one" }], sources: [{ name: "webhook", defined: false, kind: "webhook", title: "Webhook", model: null, settings: verification }], presets: [], setup: "1. Give it a **source**\n2. Set `{webhook_url}` at the sender\n\n> Fields are inferred from what arrives." },
  { type: "hubspot", title: "HubSpot", summary: "Deals, contacts, calls and meetings of a HubSpot account", auth: "Signing in at the vendor, in the browser", connects_in_browser: true, can_test: true, mark: { letters: "HS", color: "#ff7a59" }, settings: [{ name: "client_id", title: "Client id", type: "string", required: true, help: "Of your app, under *Auth*" }, { name: "client_secret", title: "Client secret", type: "secret", required: true }, { name: "since", title: "History from", type: "datetime", required: false, group: "Reading" }, { name: "every", title: "Ask every", type: "duration", required: true, default: 300, group: "Reading" }], sources: [{ name: "deals", defined: true, kind: "poll", title: "Deals", model: "hubspot_deal", settings: [{ name: "interval", title: "Ask every", type: "duration", required: true, default: 300 }, { name: "pipelines", title: "Pipelines", type: "list", required: false, help: "All of them where nothing is said" }] }, { name: "deal_events", defined: true, kind: "webhook", title: "Deal changes", model: "hubspot_deal", settings: [] }], presets: [{ name: "won_lost", title: "Won and lost deals as activities", summary: "Each closed deal becomes an activity of its owner, with its value", source: { kind: "poll", name: "deals" }, sources: [], constants: [{ name: "won_label", description: "Type of a won deal", type: "string", value: "Deal | won" }] }, { name: "stages", title: "Pipeline stages as periods", summary: "How long each deal stayed in each stage", source: { kind: "poll", name: "deals" }, sources: [], constants: [] }], setup: "1. Make a private app\n2. Copy its **access token**" },
  ...["GoHighLevel", "Pipedrive", "Trello", "monday.com", "Aircall", "Teamleader Focus", "Voys", "Salesforce", "HTTP API", "File"].map((title) => ({ type: title.toLowerCase().replace(/\W/g, "_"), title, summary: `${title}: deals, calls and what belongs to them`, auth: "An access token", connects_in_browser: false, can_test: true, settings: [], sources: [{ name: "deals", defined: title !== "HTTP API", kind: "poll", title: "Deals", model: title === "HTTP API" ? null : "deal", settings: [{ name: "interval_seconds", title: "Every", type: "duration", required: false, default: 300 }] }], presets: [], setup: "" })),
];

const link = (id: string, processor: string, name: string) => ({ id, source: "11", processor, processor_name: name, enabled: true, constants: { won_label: "Deal | won" }, constants_version: 1 });
const sources = [
  { id: "11", provider: "1", kind: "poll", definition: "deals", name: "Deals", model: "hubspot_deal", settings: { definition: "deals", interval: 300 }, enabled: true, health: health("ok", 3, "Everything that arrived was taken in"), has_address: false, ledger: ledger(48_211, 1240, 82, 0, 3, 0), links: [link("31", "21", "Won and lost deals"), link("32", "22", "Stages as periods")], interval_seconds: 300 },
  { id: "12", provider: "1", kind: "webhook", definition: "deal_events", name: "Deal changes", model: "hubspot_deal", settings: {}, enabled: true, health: health("failing", 14, "12 records failed"), has_address: true, ledger: ledger(6120, 311, 40, 18, 0, 12), links: [link("33", "21", "Won and lost deals")] },
  { id: "13", provider: "2", kind: "webhook", definition: "webhook", name: "Call log", model: "call", settings: {}, enabled: true, health: health("quiet", 2880, "Nothing arrived for 2 days; it is expected daily"), has_address: true, ledger: ledger(902, 4, 0, 2, 0, 1), links: [] },
  { id: "14", provider: "2", kind: "webhook", definition: "webhook", name: "Web forms", model: "form_entry", settings: {}, enabled: true, health: health("waiting", null, "Nothing has arrived yet"), has_address: true, ledger: ledger(0, 0, 0, 0, 0, 0), links: [] },
];
const summary = (provider: string) => sources.filter((source) => source.provider === provider);
const providers = [
  { id: "1", type: "hubspot", name: "HubSpot Benelux", status: "active", settings: { client_id: "abc", every: 300 }, has_credentials: true, sources: summary("1"), health: health("failing", 3, "12 records failed") },
  { id: "2", type: "webhooks", name: "Our own systems", status: "active", settings: {}, has_credentials: false, sources: summary("2"), health: health("quiet", 2880, "Nothing arrived for 2 days") },
  { id: "4", type: "http_api", name: "Our ERP", status: "active", settings: {}, has_credentials: true, sources: [], health: health("waiting", null, "It has no source yet") },
  { id: "3", type: "aircall", name: "Phones", status: "needs_reconnecting", settings: {}, has_credentials: true, sources: [], health: health("failing", 300, "Its credentials stopped working") },
];
const processors = [
  { id: "21", name: "Won and lost deals", model: "hubspot_deal", enabled: true, version: 7, sources: [{ id: "11", name: "Deals" }, { id: "12", name: "Deal changes" }], last_execution: { id: "e1", at: ago(3), status: "succeeded" }, failed_24h: 12 },
  { id: "22", name: "Stages as periods", model: "hubspot_deal", enabled: true, version: 2, sources: [{ id: "11", name: "Deals" }], last_execution: { id: "e2", at: ago(4), status: "succeeded" }, failed_24h: 0 },
  { id: "23", name: "Calls", model: "call", enabled: false, version: 0, sources: [], last_execution: null, failed_24h: 0 },
];
const executions = Array.from({ length: 400 }, (_, at) => {
  const failed = at % 13 === 4;
  const status = failed ? "failed" : at % 17 === 3 ? "skipped" : at % 29 === 7 ? "partially_failed" : at === 0 ? "running" : "succeeded";
  return { id: `${9000 - at}`, at: ago(at * 3), status, processor: { id: at % 3 ? "21" : "22", name: at % 3 ? "Won and lost deals" : "Stages as periods" }, source: { id: "11", name: "Deals" }, link: "31", version: 7, model_id: `m${at}`, key: `deal-${81_230 + at}`, took_us: 700 + ((at * 7919) % 9000), code: failed ? "E502" : null, instruction: failed ? "won" : null, message: failed ? "`deal.closed_at` is empty, and `moment` needs a value" : null, writes: failed ? {} : { created: at % 2, updated: at % 3, found: 2 }, job: null };
});
const names = ["Femke de Vries", "Jonas Berg", "Amira Haddad", "Tom Peeters", "Lucía Romero", "Noor Jansen", "Kofi Mensah", "Eva Novák"];
const identities = Array.from({ length: 40 }, (_, at) => ({ id: `i${at}`, kind: ["agent", "agent", "team", "proposition"][at % 4], provider: { id: "1", name: "HubSpot Benelux" }, external_id: `${7_700_100 + at * 37}`, external_name: at % 7 === 6 ? `${7_700_100 + at * 37}` : (names[at % 8] ?? ""), email: null, first_seen: ago(9000), last_seen: ago(at * 60), waiting_records: (at * 37) % 400, entity: null, ignored: false, suggestions: at % 3 === 0 ? [{ entity: { id: `a${at % 8}`, name: names[at % 8] }, why: "same name", score: 0.9 }] : [] }));
const entities = names.map((name, at) => ({ id: `a${at}`, name, email: `${name.split(" ")[0]?.toLowerCase()}@example.com`, archived: false, created: ago(90_000), identities: [{ id: "i1", external_id: "77", external_name: name, provider: { id: "1", name: "HubSpot Benelux" } }], counts: { activities: 100 * (at + 1), sales: 7 * at } }));
const records = Array.from({ length: 300 }, (_, at) => ({ id: `r${at}`, external_id: `won|deal-${81_230 + at}`, kind: "sale", locked: ["status"], agent: { identity: "i1", external_id: "77", external_name: names[at % 8], entity: at % 5 ? { id: `a${at % 8}`, name: names[at % 8] } : null }, fields: { moment: ago(at * 55), proposition_external_identity: { identity: "p", external_id: "p", external_name: "Annual plan", entity: { id: "p1", name: "Annual plan" } }, contract_value: `${1250 + at * 13}.50`, status: at % 9 ? "accepted" : "pending" }, provider: { id: "1", name: "HubSpot Benelux" }, execution: `${9000 - at}` }));
const runs = Array.from({ length: 60 }, (_, at) => ({ id: `run${at}`, started: ago(at * 5), finished: at === 0 ? null : ago(at * 5 - 0.1), kind: "poll", verdict: at === 0 ? "running" : at % 11 === 5 ? "failed" : "succeeded", models: at % 11 === 5 ? 0 : (at * 7) % 40, failed: 0, detail: at % 11 === 5 ? "503 from the vendor; tried again in 30 s" : "2 pages" }));
const deliveries = Array.from({ length: 120 }, (_, at) => ({ id: `d${at}`, at: ago(at * 9), verdict: ["accepted", "accepted", "accepted", "duplicate", "rejected"][at % 5], reason: at % 5 === 4 ? "the signature does not fit the body" : at % 5 === 3 ? "the event id was received before" : null, bytes: 400 + at * 11, records: at % 5 === 4 ? 0 : 1, has_payload: true }));
const fields = [
  ["id", "string", false, null], ["name", "string", true, null], ["amount", "number", true, null], ["closed_at", "datetime", true, null], ["owner", "object", true, null], ["owner.id", "string", true, null], ["owner.email", "string", true, "email"], ["owner.name", "string", true, "name"], ["lines", "array<object>", true, null], ["lines[].sku", "string", false, null], ["lines[].price", "number", false, null],
].map(([path, type, may_be_empty, personal]) => ({ path, type, may_be_empty, personal, proposed_personal: personal, seen: path !== "name" }));

const page = (items: unknown[], url: URL) => {
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const limit = Number(url.searchParams.get("limit") ?? 50);
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
};

let jobs = 0;

export function answer(method: string, url: URL, _body: unknown): { status: number; body: unknown } {
  const path = url.pathname;
  const ok = (body: unknown) => ({ status: 200, body });
  const [, first = "", id = "", more = ""] = path.split("/");
  if (first === "session" || (first === "setup" && method === "POST")) return ok(session);
  if (first === "setup") return ok({ needed: false, invited: null });
  if (first === "settings") return ok(session.tenant);
  if (first === "provider-types") return ok(page(types, url));
  if (more === "try") return ok({ records: [{ id: 1, title: "A deal", updated_at: ago(3) }], count: 25, request: "GET https://erp.example/v2/deals?limit=25", more: true, fields: {}, key: "id", version: "updated_at", body: null });
  if (path === "/providers/test" || more === "test") return ok({ ok: true, detail: "Signed in as Example BV, 3 pipelines" });
  if (first === "providers") return id ? ok(providers.find((each) => each.id === id) ?? providers[0]) : ok(page(providers, url));
  if (first === "sources" && more === "ledger") return ok({ ...sources.find((each) => each.id === id)?.ledger, balances: true });
  if (first === "sources" && more === "address") return ok({ url: "http://127.0.0.1:8080/hooks/0e3b2f5c7a9d4b1e8c6f", secret_names: ["secret"], secrets: { secret: "whsec_Zm9vYmFyYmF6" } });
  if (first === "sources" && more === "runs") return ok(page(runs.map((run) => ({ ...run, id: id + run.id })), url));
  if (first === "sources" && more === "cursor") return ok({ cursor: { updated_after: ago(6), page: null }, reached: "changes until 25 Nov 19:02", next_at: ago(-2), running: null, backfill: { id: "1", pages: 12, records: 1130, at: "3 Mar 2026" } });
  if (first === "sources" && more === "deliveries") return ok(page(deliveries, url));
  if (first === "sources" && (more === "backfill" || more === "import")) return ok({ id: `j${(jobs += 1)}` });
  if (first === "sources") return ok(sources.find((each) => each.id === id) ?? sources[0]);
  if (first === "deliveries" && more === "payload") return ok({ records: [{ id: "81230", amount: 1250.5, owner: { id: "u1", email: "•••", name: "•••" }, lines: [{ sku: "A-1", price: 12 }] }], masked: ["/0/owner/email", "/0/owner/name"] });
  if (first === "deliveries") return ok({ ...deliveries.find((each) => each.id === id), models: [{ id: "m1", place: 0, key: "deal-81230", version: null, verdict: "executed" }] });
  if (first === "models" && !id) return ok(page([{ name: "hubspot_deal", revision: 3, fields_count: 11, sources: [] }, { name: "call", revision: 1, fields_count: 8, sources: [] }], url));
  if (first === "models" && id === "form_entry") return { status: 404, body: { title: "Not found", status: 404, code: "not_found", detail: "there is no such source model yet" } };
  if (first === "models") return ok({ name: id, declaration: {}, edits: {}, revision: 3, inferred: true, fields, key: null, version: null, suggested_key: "id", suggested_version: "closed_at", var: "deal", enrichments: [], sources: [] });
  if (first === "processors" && more === "spec") return ok({ spec: { format: 1, instructions: [{}, {}, {}], constants: [{ name: "won_label", type: "string", default: "Deal | won", description: "Activity type of a won deal" }, { name: "stages", type: "array<string>", description: "Stages that count" }] }, version: 7, author: "Robin Admin", at: ago(900), note: null, diagnostics: [] });
  if (first === "processors" && more === "versions") return ok(page([7, 6, 5, 4].map((version) => ({ version, author: "Robin Admin", at: ago(10_000 - version * 1000), note: version === 6 ? "Lost deals too" : null })), url));
  if (first === "processors" && more === "preset") return ok({ preset: "won_lost", type: "hubspot", newer: true });
  if (first === "processors") return id ? ok(processors.find((each) => each.id === id) ?? processors[0]) : ok(page(processors, url));
  if (path === "/executions/retry") return ok({ count: 31 });
  if (first === "executions") {
    const status = url.searchParams.get("status");
    return ok(page(executions.filter((each) => !status || each.status === status), url));
  }
  if (first === "identities") return method === "GET" ? ok(page(identities, url)) : ok({});
  if (first === "entities") return ok(page(entities, url));
  if (first === "records") return id && more ? ok({ ...records[0], history: executions.slice(0, 2) }) : ok(page(records, url));
  if (first === "users") return ok(page([{ ...session.user, created: ago(9000), seen: ago(1), active: true }, { id: "2", name: "Sam Viewer", email: "sam@example.com", role: "viewer", reveal: false, created: ago(9000), seen: null, active: false }], url));
  if (first === "tokens") return ok(page([{ id: "1", name: "Reporting", role: "viewer", reveal: false, created: ago(9000), expires: ago(-90_000), revoked: null }], url));
  if (first === "audit") return ok(page(Array.from({ length: 50 }, (_, at) => ({ id: `${at}`, at: ago(at * 100), actor: "Robin Admin", action: ["source.created", "provider.changed", "payload.revealed"][at % 3], target: `source ${at}`, reason: at % 3 === 2 ? "Customer asks" : null, details: { name: "Deals" } })), url));
  if (first === "usage") return ok({ database_bytes: 412_000_000, payload_bytes: 301_000_000, tables: [["payloads", 301e6, 88_000], ["executions", 60e6, 410_000], ["records", 40e6, 120_000]].map(([name, bytes, rows]) => ({ name, bytes, rows })) });
  if (first === "jobs") return ok({ id, kind: "backfill", state: "running", progress: { done: 412, of: 1200 }, created: ago(1), can_undo: false, can_cancel: true, failure: null, result: null });
  if (first === "overview")
    return ok({
      sources: sources.map((source, index) => ({ id: source.id, name: source.name, provider: providers.find((each) => each.id === source.provider), health: source.health, ledger: source.ledger, throughput: index === 3 ? [] : Array.from({ length: 48 }, (_, at) => ({ at: ago((48 - at) * 30), count: Math.round(40 + 30 * Math.sin(at / 5 + index) + ((at * 31) % 17)), failed: index === 1 && at > 40 ? 6 : 0 })) })),
      attention: [
        { kind: "failures", title: "12 executions of Won and lost deals failed", detail: "E502 in step `won`: deal.closed_at is empty, and moment needs a value", href: "/executions?processor=21&status=failed" },
        { kind: "provider", title: "Phones needs reconnecting", detail: "The vendor refused the credentials 5 hours ago; its sources wait", href: "/providers/3" },
        { kind: "source", title: "Call log went quiet", detail: "Nothing arrived for 2 days; it is expected daily", href: "/sources/13" },
      ],
      totals: { executions_24h: 4211, failed_24h: 12, waiting: 3, unlinked_identities: 40, records: Object.fromEntries([["activities", 40_120], ["sales", 1930], ["calls", 20_112], ["anonymous_activities", 12], ["periods", 9120]].map(([kind, all]) => [kind, { all, attributed: 1 }])) },
    });
  return { status: 404, body: { type: "about:blank", title: "Not found", status: 404, code: "not_found", detail: `the mock has no ${method} ${path}` } };
}

import { type Api, expect } from "./fixtures";

/** Every page, with the heading that tells that it is there. `{name}` stands for what the seed made. */
export const pages: { name: string; path: string; heading: string | RegExp }[] = [
  { name: "overview", path: "/", heading: "Overview" },
  { name: "providers", path: "/providers", heading: "Providers" },
  { name: "provider-new", path: "/providers/new", heading: "New provider" },
  { name: "provider", path: "/providers/{provider}", heading: "Our systems" },
  { name: "source", path: "/sources/{source}", heading: "Deals" },
  { name: "source-deliveries", path: "/sources/{source}?tab=deliveries", heading: "Deals" },
  { name: "source-runs", path: "/sources/{source}?tab=runs", heading: "Deals" },
  { name: "source-fields", path: "/sources/{source}?tab=fields", heading: "Deals" },
  { name: "source-settings", path: "/sources/{source}?tab=settings", heading: "Deals" },
  { name: "processors", path: "/processors", heading: "Processors" },
  { name: "processor-new", path: "/processors?new=1", heading: "Processors" },
  { name: "processor", path: "/processors/{processor}", heading: "Won deals" },
  { name: "processor-spec", path: "/processors/{processor}/spec", heading: "Won deals" },
  { name: "executions", path: "/executions", heading: "Executions" },
  { name: "executions-value", path: "/executions?field=id&value=1000*", heading: "Executions" },
  { name: "execution", path: "/executions/{execution}", heading: /./ },
  { name: "jobs", path: "/jobs", heading: "Jobs" },
  { name: "identities", path: "/identities", heading: "Unlinked identities" },
  ...["agents", "teams", "segments", "propositions"].map((kind) => ({ name: kind, path: `/data/${kind}`, heading: new RegExp(kind, "i") })),
  ...["activities", "sales", "calls", "anonymous_activities", "periods"].map((kind) => ({ name: kind, path: `/records/${kind}`, heading: new RegExp(kind.replace("_", " "), "i") })),
  { name: "settings-tenant", path: "/settings/tenant", heading: "Tenant" },
  { name: "settings-users", path: "/settings/users", heading: "Users" },
  { name: "settings-tokens", path: "/settings/tokens", heading: "API tokens" },
  { name: "settings-storage", path: "/settings/storage", heading: "Retention and disk" },
  { name: "settings-erasure", path: "/settings/erasure", heading: "Erase a contact" },
  { name: "settings-audit", path: "/settings/audit", heading: "Audit log" },
  { name: "settings-account", path: "/settings/account", heading: "Your account" },
];

/** The execution that fails, once it has. */
export async function failed(api: Api): Promise<string> {
  const found = () => api.call<{ items: { id: string }[] }>("GET", "/executions?status=failed");
  await expect.poll(async () => (await found()).items.length).toBeGreaterThan(0);
  return (await found()).items[0]?.id ?? "";
}

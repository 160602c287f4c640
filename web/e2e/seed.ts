import type { Api } from "./fixtures";
import type { Server } from "./server";

type Made = { provider: string; source: string; processor: string };

const made = new Map<Server, Made>();

export const spec = {
  format: 1,
  source_model: { type: "deal", var: "deal" },
  constants: [{ name: "won_label", type: "string", default: "Deal | won", description: "Activity type of a won deal" }],
  instructions: [
    { id: "owner", type: "upsert_agent_external_identity", external_id: { type: "var", var: "deal.owner.id" }, external_name: { type: "var", var: "deal.owner.name" }, return_as: "agent" },
    {
      id: "won",
      type: "upsert_activity",
      external_id: { type: "concat", arguments: [{ type: "literal", value: "won|" }, { type: "var", var: "deal.id" }] },
      activity_type: { type: "var", var: "won_label" },
      agent_external_identity: { type: "var", var: "agent" },
      moment: { type: "var", var: "deal.closed_at" },
      value: { type: "var", var: "deal.amount" },
    },
  ],
};

export function deal(id: string, owner = "Femke de Vries") {
  return { id, amount: 1250.5, owner: { id: `u-${owner.split(" ")[0]?.toLowerCase()}`, name: owner, email: "someone@example.com" }, closed_at: "2026-01-15T10:30:00Z" };
}

/** A provider, a source, a processor that runs on it, and a few records that were really sent. Made once for a server. */
export async function seed(api: Api, server: Server): Promise<Made> {
  const known = made.get(server);
  if (known) return known;
  const provider = await api.call<{ id: string }>("POST", "/providers", { type: "webhook", name: "Our systems", settings: {}, credentials: {} });
  const source = await api.call<{ id: string }>("POST", `/providers/${provider.id}/sources`, { name: "Deals", kind: "webhook", model: "deal", settings: {} });
  const { url } = await api.call<{ url: string }>("GET", `/sources/${source.id}/address`);
  const send = async (body: unknown) => {
    const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`the webhook answered ${response.status}: ${await response.text()}`);
  };
  await send(deal("1000"));
  const processor = await api.call<{ id: string }>("POST", "/processors", { name: "Won deals", model: "deal" });
  await api.call("PUT", `/processors/${processor.id}/spec`, { spec, note: "First" });
  await api.call("POST", "/links", { source: source.id, processor: processor.id, constants: {} });
  for (const [at, owner] of ["Femke de Vries", "Jonas Berg", "Amira Haddad"].entries()) await send(deal(String(1001 + at), owner));
  await send({ ...deal("1009"), closed_at: null });
  await api.call("POST", "/entities/agents", { name: "Femke de Vries", email: "femke@example.com" });
  const all = { provider: provider.id, source: source.id, processor: processor.id };
  made.set(server, all);
  return all;
}

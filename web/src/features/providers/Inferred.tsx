import { useState } from "react";

import { messageOf } from "~/api/client";
import { fieldsOf } from "~/core/model";
import { words } from "~/core/numbers";
import type { Json } from "~/generated/api";
import { JsonTree } from "~/ui/JsonTree";
import { Notice } from "~/ui/states";
import { Tabs } from "~/ui/Tabs";

/** What a try gave: the fields that were inferred, and the value as it came. */
export function Inferred({ label, fields: declaration, value, valueTitle }: { label: string; fields: Json; value: Json; valueTitle: string }) {
  const [tab, setTab] = useState<"fields" | "value">("fields");
  const fields = fieldsOf(declaration);
  return (
    <div className="flex h-72 flex-col px-3">
      <Tabs
        label={label}
        value={tab}
        onChange={setTab}
        tabs={[
          {
            value: "fields",
            label: "Fields",
            count: fields.length,
            content: (
              <div className="min-h-0 flex-1 overflow-y-auto py-2" tabIndex={0} role="group" aria-label="Fields">
                <table aria-label="Fields that were inferred" className="w-full table-fixed text-left text-xs">
                  <thead className="text-muted">
                    <tr>
                      <th className="w-1/2 py-1 font-medium">Field</th>
                      <th className="py-1 font-medium">Type</th>
                      <th className="py-1 font-medium">Personal</th>
                    </tr>
                  </thead>
                  <tbody>
                    {fields.map((field) => (
                      <tr key={field.path} className="border-t border-line">
                        <td className="ellipsis py-1 font-mono">{field.path}</td>
                        <td className="py-1">
                          {field.type}
                          {field.mayBeEmpty && <span className="text-muted">, may be empty</span>}
                        </td>
                        <td className="py-1">{field.personal ? words(field.personal) : ""}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            ),
          },
          {
            value: "value",
            label: valueTitle,
            content: (
              <div className="min-h-0 flex-1 py-2">
                <Answered label={label} value={value} />
              </div>
            ),
          },
        ]}
      />
    </div>
  );
}

/** Why a try gave nothing; nothing where it did. */
export function TryFailed({ error }: { error: unknown }) {
  if (error === null) return null;
  return (
    <div className="mt-3">
      <Notice tone="danger" title="That did not work">
        {messageOf(error)}
      </Notice>
    </div>
  );
}

export function Answered({ label, value }: { label: string; value: Json }) {
  return (
    <div className="max-h-56 overflow-y-auto" tabIndex={0} role="group" aria-label={label}>
      <JsonTree value={value} open={2} />
    </div>
  );
}

import { useState } from "react";

import { api } from "~/api/client";
import { fieldsOf } from "~/core/model";
import type { OwnPoll } from "~/core/ownPoll";
import type { JsonObject, ModelField, TriedPoll } from "~/generated/api";
import { Notice } from "~/ui/states";

import { EnrichmentsForm } from "./EnrichmentsForm";
import { HttpPollForm } from "./HttpPollForm";

type Props = {
  provider: string;
  own: OwnPoll;
  onChange: (own: OwnPoll) => void;
  strict: boolean;
  model: string;
  /** The settings of the source as they would be stored now. */
  settings: (own: OwnPoll) => JsonObject;
  /** The fields of its records, where they are known without a try. */
  known?: readonly ModelField[];
  /** Whether records of it were received, to try on. */
  received?: boolean;
};

/** A source that people define themselves: what it asks for, and what is fetched to go with its records. */
export function OwnPollForm({ provider, own, onChange, strict, model, settings, known = [], received = false }: Props) {
  const [tried, setTried] = useState<TriedPoll | null>(null);
  const fields = tried ? fieldsOf(tried.fields) : known;
  const attempt = async () => {
    setTried(null);
    // Of the poll alone: what hangs on its records is tried by itself, and may be half filled in.
    const found = await api.post<TriedPoll>(`/providers/${provider}/try`, { settings: settings({ ...own, enrichments: [] }) });
    setTried(found);
    onChange({ ...own, shapes: { ...own.shapes, [model]: found.shape } });
  };
  return (
    <div className="flex flex-col gap-6">
      <HttpPollForm poll={own.poll} onChange={(poll) => onChange({ ...own, poll })} strict={strict} tried={tried} onTry={attempt} />
      {own.enrichments === null ? (
        <Notice>What is fetched to go with its records says more than this form can. It stays as it is; see below how it is stored.</Notice>
      ) : (
        <EnrichmentsForm
          provider={provider}
          model={model}
          enrichments={own.enrichments}
          onChange={(enrichments) => onChange({ ...own, enrichments })}
          onLearnt={(of, shape) => onChange({ ...own, shapes: { ...own.shapes, [of]: shape } })}
          strict={strict}
          fields={fields}
          records={tried?.records ?? []}
          received={received}
          settings={(enrichments) => settings({ ...own, enrichments })}
        />
      )}
    </div>
  );
}

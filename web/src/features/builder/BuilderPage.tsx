import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { processorQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { Page } from "~/ui/Page";
import { ErrorState, Skeleton } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

import { catalogQuery } from "../editor/catalogQuery";
import { EditorProvider } from "../editor/context";
import { Builder } from "./Builder";
import { type Editing, openSpec } from "./session";

/** `/processors/{id}/spec`: the Spec Builder. */
export default function BuilderPage() {
  const { id = "" } = useParams({ strict: false });
  const catalog = useQuery(catalogQuery);
  const processor = useQuery(processorQuery(id));
  const [search] = useSearchState();
  // What the address asked for when the page was opened.
  const merge = useRef(search.merge === "preset");
  const [editing, setEditing] = useState<Editing | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const [attempt, setAttempt] = useState(0);
  const may = useMay("builder");
  useEffect(() => {
    if (catalog.data === undefined) return;
    let gone = false;
    setError(undefined);
    openSpec(id, catalog.data, may, merge.current && may).then(
      (opened) => {
        if (!gone) setEditing(opened);
      },
      (problem: unknown) => {
        if (!gone) setError(problem);
      },
    );
    return () => {
      gone = true;
      setEditing(undefined);
    };
  }, [id, catalog.data, attempt, may]);

  const failure = error ?? catalog.error ?? processor.error;
  if (failure !== undefined && failure !== null && editing === undefined) {
    return (
      <Page title="Edit spec" above={[{ title: "Processors", to: "/processors" }]}>
        <ErrorState
          error={failure}
          title="The spec could not be opened"
          onRetry={() => {
            void catalog.refetch();
            void processor.refetch();
            setAttempt(attempt + 1);
          }}
        />
      </Page>
    );
  }
  if (editing === undefined || processor.data === undefined) return <Loading />;
  return (
    <EditorProvider store={editing.store}>
      <Builder key={id} processor={processor.data} editing={editing} />
    </EditorProvider>
  );
}

function Loading() {
  return (
    <main id="main" tabIndex={-1} aria-busy="true" className="flex h-full min-w-0 flex-1 flex-col bg-surface outline-none">
      <h1 className="sr-only">Edit spec</h1>
      <div className="flex h-13 shrink-0 items-center gap-4 border-b border-line px-5">
        <Skeleton className="h-4 w-56" />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="flex w-72 flex-col gap-3 border-r border-line p-4">
          {Array.from({ length: 9 }, (_, at) => (
            <Skeleton key={at} className="h-3 w-48" />
          ))}
        </div>
        <div className="flex flex-1 flex-col gap-2 bg-canvas p-6">
          {Array.from({ length: 8 }, (_, at) => (
            <Skeleton key={at} className="h-10 w-full" />
          ))}
        </div>
        <div className="flex w-104 flex-col gap-4 border-l border-line p-4">
          {Array.from({ length: 6 }, (_, at) => (
            <Skeleton key={at} className="h-8 w-full" />
          ))}
        </div>
      </div>
    </main>
  );
}

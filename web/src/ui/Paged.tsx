import type { ReactNode } from "react";

import { ErrorState, SkeletonRows } from "./states";

type Query = { isPending: boolean; isError: boolean; error: unknown; refetch: () => unknown };

/** The three faces of a list besides itself: on its way, failed, empty. */
export function Loaded({ query, empty, isEmpty, children }: { query: Query; isEmpty: boolean; empty: ReactNode; children: ReactNode }) {
  if (query.isPending) return <SkeletonRows />;
  if (query.isError && isEmpty) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (isEmpty) return empty;
  return children;
}

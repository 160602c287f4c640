import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";

import type { Query } from "./client";
import { pages, refreshTop } from "./queries";

type Options = {
  /** Looks at the top again every so many milliseconds, and when the window is come back to. */
  every?: number;
  retry?: (failures: number, error: unknown) => boolean;
};

/** A list of any length: read page by page while one scrolls, and kept fresh at its top. */
export function useList<Item extends { id: string }>(path: string, query: Query = {}, { every, retry }: Options = {}) {
  const client = useQueryClient();
  const list = useInfiniteQuery({ ...pages<Item>(path, query), ...(retry === undefined ? {} : { retry }) });
  const { data, hasNextPage, fetchNextPage } = list;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const newest = useRef(query);
  newest.current = query;
  const refresh = useCallback(() => refreshTop<Item>(client, path, newest.current), [client, path]);

  useEffect(() => {
    if (every === undefined) return;
    // What cannot be asked for now is asked for the next time.
    const look = (): void => {
      if (document.visibilityState === "visible") refresh().catch(() => undefined);
    };
    look();
    const timer = setInterval(look, every);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [every, refresh]);

  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  return { list, rows, refresh, onMore: hasNextPage ? more : undefined };
}

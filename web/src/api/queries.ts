import { type InfiniteData, type QueryClient, infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type * as T from "~/generated/api";

import { api, type Query } from "./client";

/** Answers may be a bare list or a page of one; both read as a list where all of it is wanted. */
async function list<Item>(path: string, query?: Query): Promise<Item[]> {
  const answer = await api.get<Item[] | T.Page<Item>>(path, query);
  return Array.isArray(answer) ? answer : answer.items;
}

/** Rows of the first page, which one waits for, and of those that are fetched while one scrolls. */
const FIRST = 100;
const MORE = 500;

/** A list that is read page by page while one scrolls. */
export function pages<Item>(path: string, query: Query = {}) {
  return infiniteQueryOptions({
    queryKey: ["pages", path, query],
    queryFn: ({ pageParam, signal }) => api.get<T.Page<Item>>(path, { ...query, cursor: pageParam, limit: pageParam === null ? FIRST : MORE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    // What was scrolled through is not read again as a whole: see `refreshTop`.
    refetchOnMount: (query) => (query.state.data?.pages.length ?? 0) < 2,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

type Pages<Item> = InfiniteData<T.Page<Item>, string | null>;

/**
 * Takes over what is new at the top of a list, with one request however much of it is loaded. What is no longer new keeps its place; where
 * more happened than a page holds, the list begins anew.
 */
export async function refreshTop<Item extends { id: string }>(client: QueryClient, path: string, query: Query = {}): Promise<void> {
  const { queryKey } = pages<Item>(path, query);
  const before = client.getQueryData<Pages<Item>>(queryKey);
  if (before === undefined || client.isFetching({ queryKey }) > 0) return;
  const fresh = await api.get<T.Page<Item>>(path, { ...query, limit: FIRST });
  client.setQueryData<Pages<Item>>(queryKey, (now) => {
    if (now === undefined) return now;
    const pages = withTop(now.pages, fresh);
    return { pages, pageParams: now.pageParams.slice(0, pages.length) };
  });
}

/** The pages with a fresh first one laid over them. */
export function withTop<Item extends { id: string }>(pages: readonly T.Page<Item>[], fresh: T.Page<Item>): T.Page<Item>[] {
  const [first, ...rest] = pages;
  const last = fresh.items.at(-1);
  const at = first === undefined || last === undefined ? -1 : first.items.findIndex((item) => item.id === last.id);
  if (first === undefined || at < 0 || fresh.next === null) return [fresh];
  return [{ ...first, items: [...fresh.items, ...first.items.slice(at + 1)] }, ...rest];
}

export const providerTypesQuery = queryOptions({ queryKey: ["provider-types"], queryFn: () => list<T.ProviderType>("/provider-types"), staleTime: Infinity });
export const providersQuery = queryOptions({ queryKey: ["providers"], queryFn: () => list<T.Provider>("/providers") });
export const providerQuery = (id: string) => queryOptions({ queryKey: ["providers", id], queryFn: () => api.get<T.Provider>(`/providers/${id}`) });
export const sourceQuery = (id: string) => queryOptions({ queryKey: ["sources", id], queryFn: () => api.get<T.Source>(`/sources/${id}`) });
export const processorsQuery = queryOptions({ queryKey: ["processors"], queryFn: () => list<T.Processor>("/processors") });
export const processorQuery = (id: string) => queryOptions({ queryKey: ["processors", id], queryFn: () => api.get<T.Processor>(`/processors/${id}`) });
export const modelsQuery = queryOptions({ queryKey: ["models"], queryFn: () => list<T.ModelSummary>("/models") });
export const modelQuery = (name: string) => queryOptions({ queryKey: ["models", name], queryFn: () => api.getTagged<T.Model>(`/models/${encodeURIComponent(name)}`) });
export const overviewQuery = queryOptions({ queryKey: ["overview"], queryFn: () => api.get<T.Overview>("/overview"), refetchInterval: 15_000 });

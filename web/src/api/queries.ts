import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type * as T from "~/generated/api";

import { api, type Query } from "./client";

/** Answers may be a bare list or a page of one; both read as a list where all of it is wanted. */
async function list<Item>(path: string, query?: Query): Promise<Item[]> {
  const answer = await api.get<Item[] | T.Page<Item>>(path, query);
  return Array.isArray(answer) ? answer : answer.items;
}

/** A list that is read page by page while one scrolls. */
export function pages<Item>(path: string, query: Query = {}) {
  return infiniteQueryOptions({
    queryKey: ["pages", path, query],
    queryFn: ({ pageParam, signal }) => api.get<T.Page<Item>>(path, { ...query, cursor: pageParam, limit: 100 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
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

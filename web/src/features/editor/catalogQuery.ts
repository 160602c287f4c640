import { queryOptions } from "@tanstack/react-query";

import { api } from "~/api/client";
import { Catalog, type CatalogDocument } from "~/core/catalog";

/** The words of the language. They change with the program only. */
export const catalogQuery = queryOptions({
  queryKey: ["catalog"],
  queryFn: async ({ signal }) => new Catalog(await api.get<CatalogDocument>("/catalog", undefined, signal)),
  staleTime: Infinity,
  structuralSharing: false,
});

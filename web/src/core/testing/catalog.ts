/** The catalog of the language as it is generated, for tests. */
import document from "../../../../docs/reference/catalog.json";
import { Catalog, type CatalogDocument } from "../catalog";

export const catalog = new Catalog(document as unknown as CatalogDocument);

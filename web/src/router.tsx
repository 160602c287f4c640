import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";

import { queryClient } from "./api/queryClient";
import { sessionQuery } from "./api/session";
import { Shell } from "./features/shell/Shell";
import { NotFound, PageFailed, PageLoading } from "./features/shell/fallbacks";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

/** Everything that needs somebody to be signed in. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: Shell,
  beforeLoad: async ({ location }) => {
    if (await queryClient.ensureQueryData(sessionQuery)) return;
    const to = location.href === "/" ? "" : `?to=${encodeURIComponent(location.href)}`;
    throw redirect({ href: `/sign-in${to}` });
  },
});

/** A page, loaded when it is first opened. */
function page(path: string, load: () => Promise<{ default: () => React.ReactNode }>) {
  return createRoute({ getParentRoute: () => app, path, component: lazyRouteComponent(load) });
}

function publicPage(path: string, load: () => Promise<{ default: () => React.ReactNode }>) {
  return createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) });
}

const routeTree = root.addChildren([
  publicPage("/sign-in", () => import("./features/session/SignInPage")),
  publicPage("/setup", () => import("./features/session/SetupPage")),
  app.addChildren([
    page("/", () => import("./features/overview/OverviewPage")),
    page("/providers", () => import("./features/providers/ProvidersPage")),
    page("/providers/new", () => import("./features/providers/NewProviderPage")),
    page("/providers/$id", () => import("./features/providers/ProviderPage")),
    page("/sources/$id", () => import("./features/sources/SourcePage")),
    page("/processors", () => import("./features/processors/ProcessorsPage")),
    page("/processors/$id", () => import("./features/processors/ProcessorPage")),
    page("/processors/$id/spec", () => import("./features/builder/BuilderPage")),
    page("/executions", () => import("./features/executions/ExecutionsPage")),
    page("/executions/$id", () => import("./features/trace/TracePage")),
    page("/jobs", () => import("./features/jobs/JobsPage")),
    page("/identities", () => import("./features/identities/IdentitiesPage")),
    page("/data/$kind", () => import("./features/data/EntitiesPage")),
    page("/records/$kind", () => import("./features/records/RecordsPage")),
    page("/settings/tenant", () => import("./features/settings/TenantPage")),
    page("/settings/users", () => import("./features/settings/UsersPage")),
    page("/settings/tokens", () => import("./features/settings/TokensPage")),
    page("/settings/storage", () => import("./features/settings/StoragePage")),
    page("/settings/erasure", () => import("./features/settings/ErasurePage")),
    page("/settings/audit", () => import("./features/settings/AuditPage")),
    page("/settings/account", () => import("./features/settings/AccountPage")),
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPendingComponent: PageLoading,
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: NotFound,
  defaultPreload: false,
  // The search part stays what a person would write: ?status=failed, not JSON.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(Object.entries(search as Record<string, string>).filter(([, value]) => value !== undefined && value !== "")).toString();
    return text ? `?${text}` : "";
  },
});

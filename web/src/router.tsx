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
    page("/processors/$id/spec", () => import("./features/builder/BuilderPage")),
    page("/executions/$id", () => import("./features/trace/TracePage")),
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

import { useRouter } from "@tanstack/react-router";
import { Compass } from "lucide-react";

import { AppLink } from "~/ui/AppLink";
import { buttonClass } from "~/ui/Button";
import { EmptyState, ErrorState, Skeleton, SkeletonRows } from "~/ui/states";

/** While the code of a page is on its way. */
export function PageLoading() {
  return (
    <main className="flex h-full flex-1 flex-col bg-surface" aria-busy="true">
      <div className="flex h-13 items-center border-b border-line px-5">
        <Skeleton className="h-4 w-44" />
      </div>
      <SkeletonRows />
    </main>
  );
}

export function PageFailed({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <main className="flex h-full flex-1 items-center justify-center bg-surface">
      <ErrorState error={error} title="This page could not be shown" onRetry={() => void router.invalidate()} />
    </main>
  );
}

export function NotFound() {
  return (
    <main className="flex h-full flex-1 items-center justify-center bg-surface">
      <EmptyState
        icon={<Compass />}
        title="There is no such page"
        action={
          <AppLink to="/" className={buttonClass("primary")}>
            To the overview
          </AppLink>
        }
      >
        The address may be misspelt, or what stood here was deleted.
      </EmptyState>
    </main>
  );
}

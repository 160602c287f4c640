import { useLocation, useRouter } from "@tanstack/react-router";
import { useCallback } from "react";

export type SearchState = Record<string, string | undefined>;

/** The search part of the address as plain texts, and a way to change some of them. What one filters by and what is open live here, so that
 * every view can be linked to. An empty value is taken out of the address. */
export function useSearchState(): [SearchState, (change: SearchState, options?: { push?: boolean }) => void] {
  const search = useLocation({ select: (location) => location.search }) as unknown as SearchState;
  const router = useRouter();
  const set = useCallback(
    (change: SearchState, { push = false }: { push?: boolean } = {}) => {
      const { pathname, search: now } = router.state.location;
      const next = new URLSearchParams();
      for (const [name, value] of Object.entries({ ...(now as SearchState), ...change })) if (value) next.set(name, value);
      const text = next.toString();
      const to = pathname + (text ? `?${text}` : "");
      if (push) router.history.push(to);
      else router.history.replace(to);
    },
    [router],
  );
  return [search, set];
}

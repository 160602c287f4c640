import { queryOptions, useQuery } from "@tanstack/react-query";

import type { Role, Session } from "~/generated/api";

import { api, ApiError, setCsrf } from "./client";

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session | null> => {
    try {
      const session = await api.get<Session>("/session");
      setCsrf(session.csrf);
      return session;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

/** The session, on pages that are only shown to somebody signed in. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error("this page needs somebody to be signed in");
  return data;
}

const rank: Record<Role, number> = { viewer: 0, builder: 1, admin: 2 };

/** Whether who is signed in may do what needs this role. The server decides; this only hides what would be refused. */
export function useMay(role: Role): boolean {
  return rank[useSession().user.role] >= rank[role];
}

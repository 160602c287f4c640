import { count } from "~/core/numbers";

import { Button } from "./Button";
import { RelativeTime } from "./RelativeTime";

/** A page of a list of which each row had to be looked at. */
export type SearchedPage = { items: readonly unknown[]; searched?: { count: number; back_to: string | null } | null };

/** How far a list was gone through: `of` says what it is a list of, for one and for several. */
export function Searched({ pages, of: [one, several], more, busy, onMore }: { pages: readonly SearchedPage[]; of: [string, string]; more: boolean; busy: boolean; onMore: () => void }) {
  const looked = pages.reduce((sum, page) => sum + (page.searched?.count ?? 0), 0);
  const found = pages.reduce((sum, page) => sum + page.items.length, 0);
  const back = pages.at(-1)?.searched?.back_to;
  return (
    <p role="status" className="flex items-center gap-3 border-b border-line bg-sunken px-5 py-1.5 text-xs text-muted">
      <span className="tabular">
        {count(found)} found among {count(looked)} {looked === 1 ? one : several}
        {back && more && (
          <>
            , back to <RelativeTime at={back} />
          </>
        )}
        {!more && ": all there are"}
      </span>
      {more && found > 0 && (
        <Button size="sm" variant="ghost" busy={busy} onClick={onMore} className="!h-6">
          Look further back
        </Button>
      )}
    </p>
  );
}

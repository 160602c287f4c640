import { Button } from "~/ui/Button";
import { Notice } from "~/ui/states";
import { useSearchState } from "~/ui/useSearchState";

/** Why the browser came back from a vendor without access. It stands in the address, until it was read. */
export function NotConnected() {
  const [search, setSearch] = useSearchState();
  if (!search.not_connected) return null;
  return (
    <div className="px-5 pt-4">
      <Notice
        tone="danger"
        title="It was not connected"
        action={
          <Button size="sm" onClick={() => setSearch({ not_connected: undefined })}>
            Dismiss
          </Button>
        }
      >
        {search.not_connected}
      </Notice>
    </div>
  );
}

import { useAllActions } from "~/actions/registry";
import { capsOf } from "~/core/keys";
import { Dialog } from "~/ui/Dialog";
import { KeyboardHint } from "~/ui/KeyboardHint";

/** All keys that do something on the page that is open. */
export function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const actions = useAllActions();
  const groups = new Map<string, Map<string, string>>();
  for (const action of actions) {
    if (!action.keys) continue;
    const group = groups.get(action.group) ?? new Map<string, string>();
    group.set(action.keys, action.title);
    groups.set(action.group, group);
  }
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" size="lg" description="What works on this page">
      <div className="columns-2 gap-10">
        {[...groups].map(([title, keys]) => (
          <section key={title} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-xs font-semibold text-muted">{title}</h3>
            <dl>
              {[...keys].map(([chord, what]) => (
                <div key={chord} className="flex items-center justify-between gap-4 border-b border-line py-1">
                  <dt className="text-sm">{what}</dt>
                  <dd>
                    <KeyboardHint keys={capsOf(chord)} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

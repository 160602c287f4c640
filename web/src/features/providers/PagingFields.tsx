import type { HttpPaging, PagingKind } from "~/core/httpPaging";
import { Field } from "~/ui/Field";
import { Input } from "~/ui/Input";
import { Select } from "~/ui/Select";

const pagings: { value: PagingKind; label: string; hint?: string }[] = [
  { value: "none", label: "One page" },
  { value: "page", label: "Numbered pages", hint: "The request reads {page}" },
  { value: "offset", label: "An offset", hint: "The request reads {offset}" },
  { value: "cursor", label: "A cursor in the answer", hint: "The request reads {cursor}" },
  { value: "next_url", label: "The address of the next page in the answer" },
  { value: "link_header", label: "The Link header" },
  { value: "last_record", label: "After the last record", hint: "The request reads {cursor}" },
];
const pathLabels: { [kind in PagingKind]?: string } = { cursor: "Where the cursor stands", next_url: "Where the address stands", last_record: "Field of the last record" };

type Props = { paging: HttpPaging; onChange: (change: Partial<HttpPaging>) => void; problems: { pagingPath?: string; size?: string } };

/** How the pages of an answer follow each other. Cells of a grid. */
export function PagingFields({ paging, onChange, problems }: Props) {
  return (
    <>
      <Field label="Pages">{(control) => <Select {...control} value={paging.paging} onChange={(kind) => onChange({ paging: kind })} options={pagings} />}</Field>
      {paging.paging !== "none" && (
        <Field label="Records on a page" error={problems.size} help="The request reads {size}">
          {(control) => <Input {...control} inputMode="numeric" value={paging.size} onChange={(event) => onChange({ size: event.target.value.trim() })} />}
        </Field>
      )}
      {pathLabels[paging.paging] && (
        <Field label={pathLabels[paging.paging]} error={problems.pagingPath} help="A path in the answer, such as meta.next">
          {(control) => <Input {...control} mono value={paging.pagingPath} onChange={(event) => onChange({ pagingPath: event.target.value })} />}
        </Field>
      )}
    </>
  );
}

import { Blocks } from "lucide-react";

import { EmptyState } from "~/ui/states";
import { Page } from "~/ui/Page";

/** `/processors/{id}/spec`: the Spec Builder. */
export default function BuilderPage() {
  return (
    <Page title="Edit spec" above={[{ title: "Processors", to: "/processors" }]}>
      <EmptyState icon={<Blocks />} title="The Spec Builder opens here" />
    </Page>
  );
}

import { Route } from "lucide-react";

import { EmptyState } from "~/ui/states";
import { Page } from "~/ui/Page";

/** `/executions/{id}`: the trace of one execution. */
export default function TracePage() {
  return (
    <Page title="Trace" above={[{ title: "Executions", to: "/executions" }]}>
      <EmptyState icon={<Route />} title="The trace viewer opens here" />
    </Page>
  );
}

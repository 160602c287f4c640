import { useSession } from "~/api/session";
import { EmptyState } from "~/ui/states";
import { Page } from "~/ui/Page";

export default function OverviewPage() {
  const { tenant } = useSession();
  return (
    <Page title="Overview">
      <EmptyState title={tenant.name} />
    </Page>
  );
}

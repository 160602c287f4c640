import {
  Activity,
  Briefcase,
  CalendarRange,
  CircleUser,
  Gauge,
  Layers,
  Link2Off,
  ListChecks,
  ListTodo,
  PhoneCall,
  Plug,
  Receipt,
  ScrollText,
  Settings,
  Tag,
  UserX,
  Users,
  Workflow,
} from "lucide-react";
import type { ReactNode } from "react";

export type NavItem = { title: string; to: string; icon: ReactNode; keys?: string; search?: string; admin?: boolean; projects?: boolean };
export type NavGroup = { title: string | null; items: NavItem[] };

/** The pages of the application: the side bar, the palette and the `g` shortcuts are drawn from this. */
export const navigation: NavGroup[] = [
  { title: null, items: [{ title: "Overview", to: "/", icon: <Gauge />, keys: "g o", search: "home health dashboard" }] },
  {
    title: "Integrations",
    items: [
      { title: "Providers", to: "/providers", icon: <Plug />, keys: "g p", search: "sources webhooks connections" },
      { title: "Processors", to: "/processors", icon: <Workflow />, keys: "g r", search: "specs" },
      { title: "Executions", to: "/executions", icon: <ListChecks />, keys: "g e", search: "processor executions traces runs failures" },
      { title: "Jobs", to: "/jobs", icon: <ListTodo />, keys: "g j", search: "reprocess preview backfill undo" },
      { title: "Unlinked identities", to: "/identities", icon: <Link2Off />, keys: "g u", search: "external identities link" },
    ],
  },
  {
    title: "Data",
    items: [
      { title: "Agents", to: "/data/agents", icon: <CircleUser />, keys: "g a" },
      { title: "Teams", to: "/data/teams", icon: <Users />, keys: "g t" },
      { title: "Projects", to: "/data/projects", icon: <Briefcase />, projects: true },
      { title: "Segments", to: "/data/segments", icon: <Layers /> },
      { title: "Propositions", to: "/data/propositions", icon: <Tag /> },
    ],
  },
  {
    title: "Records",
    items: [
      { title: "Activities", to: "/records/activities", icon: <Activity />, keys: "g v" },
      { title: "Sales", to: "/records/sales", icon: <Receipt />, keys: "g s" },
      { title: "Calls", to: "/records/calls", icon: <PhoneCall />, keys: "g c" },
      { title: "Anonymous activities", to: "/records/anonymous_activities", icon: <UserX /> },
      { title: "Periods", to: "/records/periods", icon: <CalendarRange /> },
    ],
  },
  {
    title: "Administration",
    items: [
      { title: "Settings", to: "/settings/tenant", icon: <Settings />, keys: "g ,", search: "tenant timezone currency users roles tokens retention" },
      { title: "Audit log", to: "/settings/audit", icon: <ScrollText />, admin: true },
    ],
  },
];

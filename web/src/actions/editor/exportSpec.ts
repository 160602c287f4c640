import { Download } from "lucide-react";

import type { EditorAction } from "./action";

export const exportSpec: EditorAction = {
  id: "editor.export",
  title: "Export the spec",
  group: "Spec",
  icon: Download,
  search: "download file json",
  reading: true,
  run: (_, page) => page.exportSpec(),
};

import { ArrowUpToLine } from "lucide-react";

import { goToProblem } from "./goToProblem";
import type { EditorAction } from "./action";

export const previousProblem: EditorAction = {
  id: "editor.previous-problem",
  title: "Go to the previous problem",
  group: "View",
  icon: ArrowUpToLine,
  keys: ["Shift+F8"],
  search: "error warning",
  whileTyping: true,
  when: (store) => store.state.problems.all.length > 0,
  run: (store) => goToProblem(store, -1),
};

import { ArrowDownToLine } from "lucide-react";

import { goToProblem } from "./goToProblem";
import type { EditorAction } from "./action";

export const nextProblem: EditorAction = {
  id: "editor.next-problem",
  title: "Go to the next problem",
  group: "View",
  icon: ArrowDownToLine,
  keys: ["F8"],
  search: "error warning",
  whileTyping: true,
  when: (store) => store.state.problems.all.length > 0,
  run: (store) => goToProblem(store, 1),
};

import type { Catalog } from "~/core/catalog";

import type { EditorAction } from "./action";
import { add } from "./add";
import { addsInside } from "./addInside";
import { collapseAll } from "./collapseAll";
import { copy } from "./copy";
import { cut } from "./cut";
import { disable } from "./disable";
import { duplicate } from "./duplicate";
import { expandAll } from "./expandAll";
import { exportSpec } from "./exportSpec";
import { find } from "./find";
import { history } from "./history";
import { importSpec } from "./importSpec";
import { moveDown } from "./moveDown";
import { moveIn } from "./moveIn";
import { moveOut } from "./moveOut";
import { moveUp } from "./moveUp";
import { nextProblem } from "./nextProblem";
import { note } from "./note";
import { paste } from "./paste";
import { preview } from "./preview";
import { previousProblem } from "./previousProblem";
import { redo } from "./redo";
import { remove } from "./remove";
import { save } from "./save";
import { selectAll } from "./selectAll";
import { test } from "./test";
import { undo } from "./undo";
import { unwrap } from "./unwrap";
import { wraps } from "./wrap";

/** Every action of the editor, in the order in which menus show them. */
export function editorActions(catalog: Catalog): readonly EditorAction[] {
  return [
    add,
    ...addsInside(catalog),
    duplicate,
    copy,
    cut,
    paste,
    disable,
    note,
    ...wraps(catalog),
    unwrap,
    moveUp,
    moveDown,
    moveIn,
    moveOut,
    remove,
    undo,
    redo,
    selectAll,
    collapseAll,
    expandAll,
    find,
    nextProblem,
    previousProblem,
    save,
    test,
    preview,
    history,
    importSpec,
    exportSpec,
  ];
}

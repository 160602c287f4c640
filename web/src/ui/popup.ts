/** What floats above the page looks the same everywhere. */
export const popupClass = "rounded-lg bg-raised text-text shadow-high outline-none";

/** A row of a list that opens: menu, select, combobox, palette. */
export const itemClass =
  "mx-1 flex min-h-7 items-center gap-2 rounded-md px-2 py-1 text-sm select-none outline-none data-[highlighted]:bg-active data-[disabled]:opacity-50";

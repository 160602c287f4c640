/** The field that was typed in last: where the scope panel puts a variable that is chosen. */
export type Slot = { readonly id: string; readonly below: string; readonly take: (path: string) => void };

let slot: Slot | undefined;

export function setActiveSlot(next: Slot | undefined): void {
  slot = next;
}

export function activeSlot(id: string | undefined): Slot | undefined {
  return slot !== undefined && slot.id === id ? slot : undefined;
}

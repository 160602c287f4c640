/** Leads to the first field of a form that is wrong, once that is drawn. Whoever fills in the form then goes on there. */
export function focusFirstWrong(form: HTMLElement): void {
  requestAnimationFrame(() => {
    const wrong = form.querySelector<HTMLElement>("[aria-invalid='true']");
    wrong?.focus();
    wrong?.scrollIntoView({ block: "nearest" });
  });
}

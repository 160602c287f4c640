import type { Field } from "~/generated/api";
import type { Form } from "~/ui/useForm";

/** Which of the declared fields the server's refusal is about: they are sent as settings, and secret ones as credentials or secrets. */
export function settingProblems(form: Form, fields: readonly Field[]): { [name: string]: string } {
  const found = fields.flatMap(({ name }): [string, string][] => {
    const problem = form.at(`/settings/${name}`) ?? form.at(`/credentials/${name}`) ?? form.at(`/secrets/${name}`);
    return problem === undefined ? [] : [[name, problem]];
  });
  return Object.fromEntries(found);
}

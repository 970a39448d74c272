/**
 * Rendering one configuration file from live settings. Templates were made functions when the code was built
 * (`tools/precompile-templates.ts`); nothing is compiled or evaluated here.
 */
import Handlebars from "handlebars/runtime";
import { Fault, fail, ok, type Result } from "../../base/result.ts";
import { templates } from "../generated/templates.ts";
import type { Settings } from "../model/settings.ts";
import { templateContext } from "./context.ts";
import { helpers } from "./helpers.ts";

export type RenderFault = "not-rendered";

/** The text of a file. `template` is a file name of the templates folder. */
export function render(template: string, settings: Settings): Result<string, RenderFault> {
  const specification = Object.hasOwn(templates, template) ? templates[template] : undefined;
  if (specification === undefined) {
    return fail(new Fault("not-rendered", `Cannot render "${template}": there is no such template`));
  }
  const handlebars = Handlebars.create();
  for (const [name, helper] of Object.entries(helpers)) handlebars.registerHelper(name, helper);
  try {
    return ok(handlebars.template(specification)(templateContext(settings)));
  } catch (cause) {
    return fail(Fault.from("not-rendered", `Cannot render "${template}"`, cause, { template }));
  }
}

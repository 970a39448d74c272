/** `/metadata/…`: what the model says about keys. */
import { type Handler, json } from "../answer.ts";
import { requiredKeys } from "../parameters.ts";

export const affectedServices: Handler = ({ query }, { engine }) => json(engine.affectedServices(requiredKeys(query)));

export const settingGenerators: Handler = (_call, { engine }) => json(engine.settingGenerators());

/** No setting of this model is made from a template of other settings. */
export const templates: Handler = ({ query }) => {
  requiredKeys(query);
  return json({});
};

/**
 * What a template may do: strict rendering makes a misspelt name an error, and this makes a value that is printed
 * without a helper one. For the build only; the image has no template parser.
 */
import Handlebars from "handlebars";
import { Fault } from "../../base/result.ts";
import type { AnyDefinition } from "../model/definition.ts";
import { anyModel } from "../model/model.ts";
import { helpers } from "./helpers.ts";

const blocks = ["if", "each", "unless"];

/** Throws `Fault("unsafe-template")` unless every value in the template's text goes through a helper. */
export function checkTemplate(name: string, text: string): void {
  check(name, Handlebars.parse(text));
}

function check(name: string, program: hbs.AST.Program): void {
  for (const statement of program.body) {
    if (isMustache(statement)) {
      const helper = isPath(statement.path) ? statement.path.original : "";
      if (!Object.hasOwn(helpers, helper) || statement.params.length !== 1) {
        throw unsafe(name, statement, "a value is printed without a helper for its format");
      }
      checkPaths(name, statement.params);
    } else if (isBlock(statement)) {
      if (!blocks.includes(statement.path.original)) throw unsafe(name, statement, "this block is not known");
      checkPaths(name, statement.params);
      check(name, statement.program);
      // Without an `else`, Handlebars leaves this out, whatever its types say.
      const inverse: hbs.AST.Program | undefined = statement.inverse;
      if (inverse !== undefined) check(name, inverse);
    } else if (statement.type !== "ContentStatement" && statement.type !== "CommentStatement") {
      throw unsafe(name, statement, `${statement.type} is not allowed`);
    }
  }
}

/** Every path that starts at `settings` must be one of the model. */
function checkPaths(name: string, expressions: readonly hbs.AST.Expression[]): void {
  for (const path of expressions.filter(isPath)) {
    if (path.parts[0] !== "settings") continue;
    let at: AnyDefinition | undefined = anyModel;
    for (const part of path.parts.slice(1)) {
      at = at?.kind === "group" && Object.hasOwn(at.members, part) ? at.members[part] : undefined;
    }
    if (at === undefined) throw unsafe(name, path, `"${path.original}" is not a setting`);
  }
}

function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
  return node.type === "PathExpression";
}

function isMustache(node: hbs.AST.Statement): node is hbs.AST.MustacheStatement {
  return node.type === "MustacheStatement";
}

function isBlock(node: hbs.AST.Statement): node is hbs.AST.BlockStatement {
  return node.type === "BlockStatement";
}

function unsafe(name: string, node: hbs.AST.Node, problem: string): Fault<"unsafe-template"> {
  return new Fault("unsafe-template", `Cannot take the template "${name}", line ${node.loc.start.line}: ${problem}`);
}

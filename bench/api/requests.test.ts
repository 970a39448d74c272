import { expect, test } from "bun:test";
import { changeRequests, CONNECTION, manySettings, requestText } from "./requests.ts";

test("requestText() counts the bytes of the body", () => {
  expect(requestText("PATCH", "/settings", '"é"')).toEndWith('Content-Length: 4\r\n\r\n"é"');
  expect(requestText("GET", "/settings")).not.toContain("Content-Length");
  expect(requestText("POST", "/tx/commit")).toContain("Content-Length: 0\r\n\r\n");
});

test("changeRequests use one transaction for each connection", () => {
  for (const request of changeRequests) expect(request).toContain(`tx=c${CONNECTION}`);
});

test("manySettings() gives as many parameters as asked for", () => {
  expect(JSON.stringify(manySettings(3)).match(/rp_filter/g)).toHaveLength(3);
});

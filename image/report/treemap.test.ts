import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { type Box, squarify } from "./treemap.ts";

const area: Box = { x: 10, y: 20, width: 1200, height: 700 };
const anyWeights = fc
  .array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 40 })
  .map((weights) => weights.sort((a, b) => b - a));

test("squarify() gives every weight its share of the area, inside it and without overlap", () => {
  fc.assert(
    fc.property(anyWeights, (weights) => {
      const boxes = squarify(weights, area);
      const total = weights.reduce((sum, each) => sum + each, 0);
      expect(boxes).toHaveLength(weights.length);
      for (const [at, { x, y, width, height }] of boxes.entries()) {
        const share = ((weights[at] ?? 0) / total) * area.width * area.height;
        expect(Math.abs(width * height - share)).toBeLessThan(1e-3 * share + 1e-3);
        expect(x).toBeGreaterThan(area.x - 1e-6);
        expect(y).toBeGreaterThan(area.y - 1e-6);
        expect(x + width).toBeLessThan(area.x + area.width + 1e-6);
        expect(y + height).toBeLessThan(area.y + area.height + 1e-6);
        const over = boxes.slice(at + 1).some((other) => shared({ x, y, width, height }, other) > 1e-3);
        expect(over).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});

test("squarify() makes the boxes of the paper's example nearly square", () => {
  const boxes = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  const ratios = boxes.map(({ width, height }) => Math.max(width / height, height / width));
  expect(Math.max(...ratios)).toBeLessThan(3);
  expect(boxes[0]).toEqual({ x: 0, y: 0, width: 3, height: 2 });
});

function shared(one: Box, other: Box): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.max(width, 0) * Math.max(height, 0);
}

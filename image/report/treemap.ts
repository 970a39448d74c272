/**
 * Rectangles with areas in proportion to weights, as near to squares as rows allow: the squarified treemap of Bruls,
 * Huizing and van Wijk (2000). A row along the shorter side takes items as long as its worst shape gets better.
 */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** One box per weight, in the order given. Preconditions: weights are above 0 and the largest comes first. */
export function squarify(weights: readonly number[], area: Box): readonly Box[] {
  const boxes: Box[] = [];
  let rest = area;
  let left = weights.reduce((sum, each) => sum + each, 0);
  for (let start = 0; start < weights.length;) {
    const side = Math.min(rest.width, rest.height);
    const scale = (rest.width * rest.height) / left;
    let row = [weights[start] ?? 0];
    for (let next = start + 1; next < weights.length; next += 1) {
      const longer = [...row, weights[next] ?? 0];
      if (worst(longer, side, scale) > worst(row, side, scale)) break;
      row = longer;
    }
    const total = row.reduce((sum, each) => sum + each, 0);
    // The last row takes all that is left, so that no rounding leaves a gap.
    const last = start + row.length === weights.length;
    const thickness = last ? Math.max(rest.width, rest.height) : (total * scale) / side;
    boxes.push(...lay(row, total, rest, thickness));
    rest = cut(rest, thickness);
    left -= total;
    start += row.length;
  }
  return boxes;
}

/** The largest ratio of long to short side in a row along `side`. */
function worst(row: readonly number[], side: number, scale: number): number {
  const total = row.reduce((sum, each) => sum + each, 0) * scale;
  const ratio = (weight: number): number => (side * side * weight * scale) / (total * total);
  return Math.max(...row.map((weight) => Math.max(ratio(weight), 1 / ratio(weight))));
}

function lay(row: readonly number[], total: number, rest: Box, thickness: number): readonly Box[] {
  const upright = rest.width >= rest.height;
  const side = upright ? rest.height : rest.width;
  let done = 0;
  return row.map((weight) => {
    const [at, length] = [(done / total) * side, (weight / total) * side];
    done += weight;
    return upright
      ? { x: rest.x, y: rest.y + at, width: thickness, height: length }
      : { x: rest.x + at, y: rest.y, width: length, height: thickness };
  });
}

function cut({ x, y, width, height }: Box, thickness: number): Box {
  return width >= height
    ? { x: x + thickness, y, width: width - thickness, height }
    : { x, y: y + thickness, width, height: height - thickness };
}

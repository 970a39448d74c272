/** Searching the least of something that is enough. */

/** The least multiple of `step` in (`low`, `high`] for which `enough` holds; `high` is taken to be enough. */
export async function leastEnough(
  range: { readonly low: number; readonly high: number; readonly step: number },
  enough: (value: number) => Promise<boolean>,
): Promise<number> {
  let [low, high] = [Math.floor(range.low / range.step), Math.ceil(range.high / range.step)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await enough(middle * range.step)) high = middle;
    else low = middle;
  }
  return high * range.step;
}

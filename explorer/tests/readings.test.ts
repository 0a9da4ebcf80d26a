import { expect, test } from "vitest";
import { agrees, differ, readingOf, wilson } from "../src/readings";
import { age, hair, smiling, say } from "./world";

const read = (...columns: number[]) => Float32Array.from(columns);

test("readings are probabilities, levels and numbers", () => {
  const columns = read(2, 0, 3, 0, 0.5, 0);
  expect(readingOf(smiling, columns, say)).toMatchObject({ text: "yes, 88 % sure", value: 1 });
  expect(readingOf(hair, columns, say)).toMatchObject({ text: "blond, 91 % sure", value: 1 });
  expect(readingOf(age, columns, say).text).toBe("68 years");
});

test("a flip is another side or level, or a tenth of a range", () => {
  const one = read(0.1, 0, 1, 0, 0, 0);
  const other = read(-0.1, 0, 2, 0, 0.3, 0);
  const pair = [smiling, hair, age].map((each) =>
    differ(readingOf(each, one, say), readingOf(each, other, say)),
  );
  expect(pair).toEqual([true, false, true]);
});

test("what is read agrees with what was asked on the same side, at the level, or near the number", () => {
  const code = read(0.55, -1, 0.4, -1, 0.3, 0);
  const all = (columns: Float32Array) => [smiling, hair, age].map((each) => agrees(readingOf(each, columns, say), code));
  expect(all(read(0.1, 0, 2, 0, 0.1, 0))).toEqual([true, true, true]);
  expect(all(read(-0.1, 0, 1, 2, 0.7, 0))).toEqual([false, false, false]);
});

test("intervals are Wilson's", () => {
  const [low, high] = wilson(8, 10);
  expect(low).toBeCloseTo(0.49, 2);
  expect(high).toBeCloseTo(0.943, 2);
  expect(wilson(0, 0)).toEqual([0, 1]);
  expect(wilson(10, 10)[1]).toBeCloseTo(1);
});

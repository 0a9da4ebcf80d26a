import { expect, test } from "vitest";
import { isUnusual, usualOf, valueOf, withValue, worded } from "../src/code";
import { sayer } from "../src/words";
import { age, code, found, hair, say, smiling } from "./world";

test("values go by name, and come back as they were set", () => {
  expect(valueOf(hair, code)).toBe("blond");
  expect(valueOf(age, code)).toBe(45);
  expect(valueOf(smiling, withValue(smiling, code, -0.5))).toBe(-0.5);
  expect([...withValue(hair, code, "red")]).toEqual([1, -1, -1, 1, 0, 0.25]);
  expect([...code]).toEqual([1, -1, 1, -1, 0, 0.25]); // a copy was changed
});

test("what is out of range is brought back", () => {
  expect(valueOf(smiling, withValue(smiling, code, 1e9))).toBe(1);
  expect(valueOf(found, withValue(found, code, -7))).toBe(-1);
});

test("values are worded with their unit and without −0", () => {
  expect(worded(smiling, code, say)).toBe("yes");
  expect(worded(smiling, withValue(smiling, code, -0.4), sayer("zh"))).toBe("否，强度 40 %");
  expect(worded(smiling, withValue(smiling, code, 0), say)).toBe("neither");
  expect(worded(hair, code, say)).toBe("blond");
  expect(worded(age, code, say)).toBe("45 years");
  expect(worded(found, withValue(found, code, -0.001), say)).toBe("−0.00");
});

test("what fewer than one in forty have is unusual", () => {
  const codes = Array.from({ length: 100 }, (_, n) =>
    Float32Array.of(n < 99 ? -1 : 1, 1, -1, -1, (n - 50) / 100, 0),
  );
  expect(usualOf(smiling, codes).frequency[1]).toBeCloseTo(0.01);
  expect(isUnusual(smiling, usualOf(smiling, codes), code)).toBe(true);
  expect(isUnusual(hair, usualOf(hair, codes), code)).toBe(true); // blond
  expect(isUnusual(age, usualOf(age, codes), code)).toBe(false);
  expect(isUnusual(age, usualOf(age, codes), withValue(age, code, 0.9))).toBe(true);
});

import { expect, test } from "vitest";
import { keys, preferred, sayer } from "../src/words";

test("both languages fill in the same values", () => {
  const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort();
  for (const key of Object.keys(keys.en) as (keyof typeof keys.en)[]) {
    expect(blanks(keys.zh[key]), key).toEqual(blanks(keys.en[key]));
  }
});

test("a browser's first language that is known is spoken", () => {
  expect(preferred(["zh-TW", "en"])).toBe("zh");
  expect(preferred(["de", "zh"])).toBe("zh");
  expect(preferred(["fr"])).toBe("en");
});

test("values are filled in", () => {
  expect(sayer("en")("sampleNumber", { number: 3 })).toBe("Sample 3");
});

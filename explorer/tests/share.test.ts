import { expect, test } from "vitest";
import { fromFragment, toFragment } from "../src/share";

const code = Float32Array.of(1, -1, 0.1234);
const style = Float32Array.of(-3.9, 0.5);

test("a link brings the state back", () => {
  const found = fromFragment(toFragment({ code, style, view: "why", pinned: null }), 3, 2)!;
  expect(found.view).toBe("why");
  expect(found.pinned).toBeNull();
  found.code.forEach((each, n) => expect(each).toBeCloseTo(code[n]!, 4));
  found.style.forEach((each, n) => expect(each).toBeCloseTo(style[n]!, 3));
});

test("a link brings A of a comparison back", () => {
  const pinned = { code: Float32Array.of(0.5, 0, -1), style: Float32Array.of(1, 2) };
  const found = fromFragment(toFragment({ code, style, view: "compare", pinned }), 3, 2)!;
  found.pinned!.code.forEach((each, n) => expect(each).toBeCloseTo(pinned.code[n]!, 4));
  found.pinned!.style.forEach((each, n) => expect(each).toBeCloseTo(pinned.style[n]!, 3));
  found.code.forEach((each, n) => expect(each).toBeCloseTo(code[n]!, 4));
});

test("an address without a fragment asks for nothing", () => {
  expect(fromFragment("", 3, 2)).toBeNull();
  expect(fromFragment("#", 3, 2)).toBeNull();
});

test.each(["#x", "#1.why", "#2.why.AAAA.AAAA", "#1.why.AAAA.AAAA.AAAA", "#1.why.AAAA.AAAA", "#1.why.%%%.AAAA"])(
  "%s is damaged",
  (fragment) => {
    expect(() => fromFragment(fragment, 3, 2)).toThrow();
  },
);

test("huge values are brought into range", () => {
  const found = fromFragment(toFragment({ code: Float32Array.of(1e9), style, view: "draw", pinned: null }), 1, 2)!;
  expect(found.code[0]).toBe(1);
});

import { expect, test } from "vitest";
import { dimensions } from "../src/dimensions";
import { gap, moved, toImage, toPixels } from "../src/pixels";
import { aligned } from "../src/placement";

test("pixels and planes are each other's inverse", () => {
  const image = Float32Array.of(-1, 1, 0, 0.5, 1, -1, 0, 0, 0.25, 1, -1, 0);
  const back = toImage(toPixels(image, 2, 3), 3);
  back.forEach((each, n) => expect(each).toBeCloseTo(image[n]!, 1));
  expect([...toPixels(Float32Array.of(1), 1, 1)]).toEqual([255, 255, 255, 255]);
});

test("gaps and moves have known sizes", () => {
  const [one, other] = [Float32Array.of(0, 0), Float32Array.of(1, 1)];
  expect(gap(one, other)).toBe(1);
  expect([...moved(one, other, 1)]).toEqual([1, 1]);
  expect(gap(one, one)).toBe(0);
});

test("two points are carried to two others", () => {
  const { x, y, zoom, angle } = aligned([[0.4, 0.5], [0.6, 0.5]], [[0.5, 0.3], [0.5, 0.7]]);
  expect(zoom).toBeCloseTo(2);
  expect(angle).toBeCloseTo(90);
  expect([x, y]).toEqual([expect.closeTo(0), expect.closeTo(0)]);
});

const bytes = (...parts: (number[] | string)[]) =>
  Uint8Array.from(parts.flatMap((p) => (typeof p === "string" ? [...p].map((c) => c.charCodeAt(0)) : p)));

test("sides are known before anything is decoded", () => {
  const png = bytes([0x89], "PNG", [13, 10, 26, 10, 0, 0, 0, 13], "IHDR", [0, 0, 78, 32, 0, 0, 39, 16]);
  expect(dimensions(png)).toEqual({ width: 20000, height: 10000 });
  expect(dimensions(bytes("GIF89a", [1, 2, 3, 0]))).toEqual({ width: 513, height: 3 });
  const jpeg = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc2, 0, 17, 8, 0, 5, 0, 7]);
  expect(dimensions(jpeg)).toEqual({ width: 7, height: 5 });
  const webp = bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", Array(8).fill(0), [9, 0, 0, 4, 0, 0]);
  expect(dimensions(webp)).toEqual({ width: 10, height: 5 });
});

test("what is no picture, or cut off, has none", () => {
  expect(dimensions(bytes("hello, world"))).toBeNull();
  expect(dimensions(bytes([0x89], "PNG"))).toBeNull();
  expect(dimensions(bytes([0xff, 0xd8, 0xff]))).toBeNull();
});

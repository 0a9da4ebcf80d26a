// Canvases: pictures, thumbnails, and colour over places.
import { useEffect, useRef } from "preact/hooks";

interface Props {
  pixels: Uint8ClampedArray | null;
  size: number;
  label: string;
  class?: string;
}

export function paint(canvas: HTMLCanvasElement | null, pixels: Uint8ClampedArray): void {
  const side = Math.sqrt(pixels.length / 4);
  if (!canvas) return;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  canvas.getContext("2d")!.putImageData(new ImageData(new Uint8ClampedArray(pixels), side, side), 0, 0);
}

/** A picture that does not change by itself. */
export function Picture({ pixels, size, label, class: name }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pixels) paint(canvas.current, pixels);
  }, [pixels]);
  return <canvas ref={canvas} width={size} height={size} class={name} role="img" aria-label={label} />;
}

export const FOR = [230, 97, 1];
export const AGAINST = [23, 87, 178];
const STRONGEST = 0.8; // how much of the strongest place is colour

/** Places as pixels: orange above 0, blue below, and the more opaque the larger. */
export function coloured(map: ArrayLike<number>, limit: number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(4 * map.length);
  for (let i = 0; i < map.length; i++) {
    const [red, green, blue] = map[i]! > 0 ? FOR : AGAINST;
    const strength = STRONGEST * Math.min(1, Math.abs(map[i]!) / (limit || 1));
    pixels.set([red!, green!, blue!, 255 * strength], 4 * i);
  }
  return pixels;
}

/** One of several pictures that were drawn together. */
export const nth = (pixels: Uint8ClampedArray, size: number, n: number): Uint8ClampedArray =>
  pixels.subarray(4 * size * size * n, 4 * size * size * (n + 1));

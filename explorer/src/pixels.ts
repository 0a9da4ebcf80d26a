// Between what networks see and what a canvas shows.

/** Planes in [−1, 1] as pixels of a canvas. */
export function toPixels(image: Float32Array, size: number, channels: number): Uint8ClampedArray {
  const places = size * size;
  const count = image.length / (places * channels);
  const pixels = new Uint8ClampedArray(count * places * 4);
  for (let n = 0; n < count; n++) {
    for (let p = 0; p < places; p++) {
      const from = n * channels * places + p;
      const to = 4 * (n * places + p);
      for (let c = 0; c < 3; c++) {
        pixels[to + c] = (image[from + (channels === 3 ? c * places : 0)]! + 1) * 127.5;
      }
      pixels[to + 3] = 255;
    }
  }
  return pixels;
}

/** Pixels of a square canvas as planes in [−1, 1]; grey where the model has one channel. */
export function toImage(pixels: Uint8ClampedArray, channels: number): Float32Array {
  const places = pixels.length / 4;
  const image = new Float32Array(channels * places);
  for (let p = 0; p < places; p++) {
    const [red, green, blue] = pixels.subarray(4 * p, 4 * p + 3) as unknown as number[];
    if (channels === 1) image[p] = (0.299 * red! + 0.587 * green! + 0.114 * blue!) / 127.5 - 1;
    else [red!, green!, blue!].forEach((each, c) => (image[c * places + p] = each / 127.5 - 1));
  }
  return image;
}

/** Root mean square gap of two pictures, 0 to 2. */
export function gap(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i]! - other[i]!) ** 2;
  return Math.sqrt(sum / one.length);
}

/** How far each pixel moved, mean over channels, 0 to 2. */
export function moved(one: Float32Array, other: Float32Array, channels: number): Float32Array {
  const places = one.length / channels;
  const found = new Float32Array(places);
  for (let i = 0; i < one.length; i++) {
    found[i % places] = found[i % places]! + Math.abs(one[i]! - other[i]!) / channels;
  }
  return found;
}

// Files that a person takes home.

export function download(name: string, content: BlobPart, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A picture as a PNG, of its own size or larger. */
export function toPng(pixels: Uint8ClampedArray, side?: number): Promise<Blob> {
  const own = Math.sqrt(pixels.length / 4);
  const small = new OffscreenCanvas(own, own);
  const data = new ImageData(new Uint8ClampedArray(pixels), own, own);
  small.getContext("2d")!.putImageData(data, 0, 0);
  if (!side) return small.convertToBlob({ type: "image/png" });
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, side, side);
  return canvas.convertToBlob({ type: "image/png" });
}

const ENLARGED = 512; // pixels of a saved picture's side, at least

/** A picture as a file, enlarged by a whole number as the screen shows it. */
export async function savePicture(pixels: Uint8ClampedArray, name: string): Promise<void> {
  const own = Math.sqrt(pixels.length / 4);
  download(name, await toPng(pixels, own * Math.ceil(ENLARGED / own)), "image/png");
}

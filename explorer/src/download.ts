// Files that a person takes home.

export function download(name: string, content: BlobPart, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const ENLARGED = 512; // pixels of a saved picture's side, at least

/** A picture as a PNG, enlarged by a whole number as the screen shows it. */
export async function savePicture(pixels: Uint8ClampedArray, name: string): Promise<void> {
  const side = Math.sqrt(pixels.length / 4);
  const small = new OffscreenCanvas(side, side);
  small.getContext("2d")!.putImageData(new ImageData(new Uint8ClampedArray(pixels), side, side), 0, 0);
  const large = side * Math.ceil(ENLARGED / side);
  const canvas = new OffscreenCanvas(large, large);
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, large, large);
  download(name, await canvas.convertToBlob({ type: "image/png" }), "image/png");
}

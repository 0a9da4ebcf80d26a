// How a picture of any size lies in the square that the model reads.

/** Its shorter side fills the square at zoom 1; x and y move its middle, in sides of the square. */
export interface Placement {
  x: number;
  y: number;
  zoom: number;
  angle: number; // degrees, clockwise
}

export type Point = [number, number]; // in shares of the square's side

export const CENTRED: Placement = { x: 0, y: 0, zoom: 1, angle: 0 };

interface Sized {
  width: number;
  height: number;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Draw the placed picture into a square of `side` pixels. Halves it first, so that it stays smooth. */
export function cut(context: Context, picture: ImageBitmap, placement: Placement, side: number): void {
  let source: CanvasImageSource & Sized = picture;
  const scale = (placement.zoom * side) / Math.min(picture.width, picture.height);
  for (let left = scale; left < 0.5 && Math.min(source.width, source.height) > 2; left *= 2) {
    const half = new OffscreenCanvas(Math.ceil(source.width / 2), Math.ceil(source.height / 2));
    const smaller = half.getContext("2d")!;
    smaller.imageSmoothingQuality = "high";
    smaller.drawImage(source, 0, 0, half.width, half.height);
    source = half;
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#808080";
  context.fillRect(0, 0, side, side);
  context.imageSmoothingQuality = "high";
  context.translate(side * (0.5 + placement.x), side * (0.5 + placement.y));
  context.rotate((placement.angle * Math.PI) / 180);
  const [width, height] = [picture.width * scale, picture.height * scale];
  context.drawImage(source, -width / 2, -height / 2, width, height);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/** The placement that carries two points of the centred picture to two others. */
export function aligned(from: [Point, Point], to: [Point, Point]): Placement {
  const apart = ([one, other]: [Point, Point]) => [other[0] - one[0], other[1] - one[1]] as const;
  const [was, is] = [apart(from), apart(to)];
  const zoom = Math.hypot(...is) / (Math.hypot(...was) || 1);
  const turn = Math.atan2(is[1], is[0]) - Math.atan2(was[1], was[0]);
  const [x, y] = [from[0][0] - 0.5, from[0][1] - 0.5];
  const [cos, sin] = [zoom * Math.cos(turn), zoom * Math.sin(turn)];
  const degrees = (turn * 180) / Math.PI;
  return {
    zoom,
    angle: ((degrees + 540) % 360) - 180,
    x: to[0][0] - 0.5 - (cos * x - sin * y),
    y: to[0][1] - 0.5 - (sin * x + cos * y),
  };
}

// The whole state in the fragment of the address, and back.
import { fromBase64, toBase64 } from "./data";

export interface Shared {
  code: Float32Array;
  style: Float32Array;
  view: string;
}

const STYLES = 4; // styles from −4 to 4 fill 16 bits

function packed(values: Float32Array, range: number): string {
  const whole = Int16Array.from(values, (each) =>
    Math.round((32767 * Math.min(range, Math.max(-range, each))) / range),
  );
  const text = toBase64(new Uint8Array(whole.buffer));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function unpacked(text: string, range: number, length: number): Float32Array {
  const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  if (bytes.length !== 2 * length) throw new Error(`${bytes.length / 2} numbers, not ${length}`);
  const whole = new Int16Array(bytes.buffer);
  return Float32Array.from(whole, (each) => (each / 32767) * range);
}

export const toFragment = (shared: Shared): string =>
  `#1.${shared.view}.${packed(shared.code, 1)}.${packed(shared.style, STYLES)}`;

/** What a fragment says; null where there is none. Throws an error where it is broken. */
export function fromFragment(text: string, columns: number, style: number): Shared | null {
  if (!text || text === "#") return null;
  const [version, view, code, drawn] = text.slice(1).split(".");
  if (version !== "1" || !view || !code || !drawn) throw new Error("no link of this page");
  return {
    view,
    code: unpacked(code, 1, columns),
    style: unpacked(drawn, STYLES, style),
  };
}

// The whole state in the fragment of the address, and back.
import { fromBase64, toBase64 } from "./data";

interface Shown {
  code: Float32Array;
  style: Float32Array;
}

export interface Shared extends Shown {
  view: string;
  pinned: Shown | null; // A of A | B
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

const joined = ({ code, style }: Shown) => `.${packed(code, 1)}.${packed(style, STYLES)}`;

export const toFragment = (shared: Shared): string =>
  `#1.${shared.view}${joined(shared)}${shared.pinned ? joined(shared.pinned) : ""}`;

/** What a fragment says; null where there is none. Throws an error where it is broken. */
export function fromFragment(text: string, columns: number, style: number): Shared | null {
  if (!text || text === "#") return null;
  const [version, view, ...parts] = text.slice(1).split(".");
  if (version !== "1" || !view || ![2, 4].includes(parts.length)) {
    throw new Error("no link of this page");
  }
  const shown = (first: number): Shown => ({
    code: unpacked(parts[first]!, 1, columns),
    style: unpacked(parts[first + 1]!, STYLES, style),
  });
  return { view, ...shown(0), pinned: parts.length === 4 ? shown(2) : null };
}

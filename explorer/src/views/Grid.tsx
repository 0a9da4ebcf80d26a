// Many samples of one condition; one of them can be gone on with.
import { useEffect, useState } from "preact/hooks";
import { useStore, useTools } from "../context";
import { otherCode, otherStyle } from "../store";
import { Picture, nth } from "./Picture";

const SAMPLES = 24;
const AT_ONCE = 4; // drawn together, so that other drawing need not wait long

export function Grid() {
  const { data, engine, store, codes, say } = useTools();
  const { look, locked } = useStore();
  const [all, vary] = useState(false);
  const [turn, again] = useState(0);
  const [drawn, show] = useState<{ codes: Float32Array[]; styles: Float32Array[]; pixels: Uint8ClampedArray; done: number } | null>(null);
  const { size, style, attributes } = data.about;
  const asked = all ? [...locked].join() : look.code.join();
  useEffect(() => {
    const kept = attributes.filter((each) => locked.has(each.name)).map((each) => each.columns);
    const many = Array.from({ length: SAMPLES }, () => (all ? otherCode(codes, look.code, kept) : look.code));
    const styles = many.map(() => otherStyle(style));
    let current = true;
    const draw = async () => {
      const all = new Uint8ClampedArray(4 * size * size * SAMPLES);
      for (let n = 0; n < SAMPLES && current; n += AT_ONCE) {
        const [code, style] = [many, styles].map((each) => joined(each.slice(n, n + AT_ONCE)));
        const { pixels } = await engine.draw({ code: code!, style: style!, count: AT_ONCE, read: false });
        all.set(pixels, 4 * size * size * n);
        if (current) show({ codes: many, styles, pixels: all.slice(), done: n + AT_ONCE });
      }
    };
    void draw();
    return () => {
      current = false;
    };
  }, [turn, all, asked]);
  const choose = (n: number) => {
    store.settle();
    store.look({ code: drawn!.codes[n]!, style: drawn!.styles[n]! });
    store.settle();
  };
  return (
    <div class="grid-view">
      <p>{say("gridHint")}</p>
      <div class="choices">
        {[false, true].map((each) => (
          <label key={String(each)}>
            <input type="radio" name="vary" checked={all === each} onChange={() => vary(each)} />
            {say(each ? "gridAll" : "gridStyle")}
          </label>
        ))}
        <button type="button" onClick={() => again(turn + 1)}>
          {say("again")}
        </button>
      </div>
      <div class="grid">
        {Array.from({ length: SAMPLES }, (_, n) => (
          <button key={n} type="button" class="thumb" disabled={!drawn || n >= drawn.done} onClick={() => choose(n)}>
            <Picture pixels={drawn && nth(drawn.pixels, size, n)} size={size} label={say("sampleNumber", { number: n + 1 })} />
          </button>
        ))}
      </div>
    </div>
  );
}

export function joined(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

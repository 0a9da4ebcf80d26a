// What may be wider than the screen, and says so.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useTools } from "../context";

export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  const { say } = useTools();
  const box = useRef<HTMLDivElement>(null);
  const [wider, tell] = useState(false);
  useEffect(() => {
    const element = box.current!;
    const watch = new ResizeObserver(() => tell(element.scrollWidth > element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return (
    <>
      {wider && (
        <p class="hint">
          <span aria-hidden="true">↔</span> {say("sideways")}
        </p>
      )}
      <div ref={box} class={`scroll ${wider ? "wider" : ""}`} tabIndex={0} role="group" aria-label={label}>
        {children}
      </div>
    </>
  );
}

// Builds the page into the Python package: script, worker, style, and the runtime that computes.
// Equal sources give equal bytes.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "..", "src", "interpretable_gan", "explorer", "assets");
const runtime = join(here, "node_modules", "onnxruntime-web", "dist");

rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });
for (const [name, entry] of [["page", "src/main.tsx"], ["worker", "src/worker.ts"]]) {
  await build({
    root: here,
    configFile: false,
    logLevel: "warn",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: assets,
      emptyOutDir: false,
      target: "es2022",
      cssCodeSplit: false,
      lib: {
        entry: join(here, entry),
        formats: ["iife"],
        name: "explorer",
        fileName: () => `${name}.js`,
        cssFileName: name,
      },
    },
  });
}
cpSync(join(runtime, "ort.wasm.bundle.min.mjs"), join(assets, "runtime.mjs"));
const wasm = gzipSync(readFileSync(join(runtime, "ort-wasm-simd-threaded.wasm")), { level: 9 });
wasm[9] = 255; // the byte that names the system that packed it
writeFileSync(join(assets, "runtime.wasm.gz"), wasm);
cpSync(join(here, "LICENSES.txt"), join(assets, "LICENSES.txt"));

// Writes a .gz and a .br beside every text asset of dist/, for the server to hand out as they are.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const text = /\.(js|css|html|svg|json|txt|map)$/;
let first = 0;

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !text.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = await readFile(path);
  await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  await writeFile(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  );
}

// What a first visit loads: the scripts that index.html names.
const html = await readFile(join(dist, "index.html"), "utf8");
for (const [, path] of html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)) {
  first += gzipSync(await readFile(join(dist, path)), { level: 9 }).length;
}
const limit = 300_000;
console.log(`first load: ${(first / 1000).toFixed(1)} kB of JavaScript, gzipped (limit ${limit / 1000} kB)`);
if (first > limit) {
  console.error("The first load is over its limit: load something lazily.");
  process.exit(1);
}

// The other side of `python -m bench pouchdb`: `node pouchdb.js serve FOLDER` is express-pouchdb, `node pouchdb.js push URL FOLDER`
// a PouchDB that pushes to it. Both keep LevelDB files, whose writes are not fsynced. What is said goes to stdout, a line each.
"use strict";
const { createRequire } = require("node:module");
const path = require("node:path");
const readline = require("node:readline");

const [mode, ...given] = process.argv.slice(2);
const need = createRequire(path.join(process.cwd(), "package.json"));
const PouchDB = need("pouchdb");

function serve(folder) {
  const app = need("express")();
  const books = PouchDB.defaults({ prefix: folder + path.sep });
  app.use("/", need("express-pouchdb")(books, { mode: "minimumForPouchDB", inMemoryConfig: true }));
  const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

// A line is a JSON array of entries. They are put into the local database; then, and this alone is timed, they are pushed.
async function push(url, folder) {
  const local = new PouchDB(path.join(folder, "till"));
  const remote = new PouchDB(url);
  await remote.info();
  console.log("ready");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const entries = JSON.parse(line);
    await local.bulkDocs(entries.map((entry) => ({ _id: entry.id, ...entry })));
    const started = process.hrtime.bigint();
    const done = await local.replicate.to(remote, { batch_size: entries.length });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    console.log(JSON.stringify({ seconds, written: done.docs_written }));
  }
}

if (mode === "serve") serve(...given);
else push(...given);

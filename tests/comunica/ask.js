// Asks SPARQL sources with Comunica: {queries, sources} as JSON on standard input, the list of answers on standard output.
// An answer is {rows}, {truth} or {triples}.
const { QueryEngine } = require("@comunica/query-sparql");

const term = (one) => one.value;

const engine = new QueryEngine();

async function answer(query, sources) {
  const result = await engine.query(query, { sources });
  if (result.resultType === "boolean") return { truth: await result.execute() };
  const found = await (await result.execute()).toArray();
  if (result.resultType === "quads") return { triples: found.map((quad) => [quad.subject, quad.predicate, quad.object].map(term)) };
  return { rows: found.map((row) => Object.fromEntries([...row].map(([variable, value]) => [variable.value, value.value]))) };
}

async function answerAll({ queries, sources }) {
  const found = [];
  for (const query of queries) found.push(await answer(query, sources));
  return found;
}

answerAll(JSON.parse(require("fs").readFileSync(0, "utf8"))).then(
  (found) => console.log(JSON.stringify(found)),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);

// Writes src/api/vocabulary.ts: what the description of the API says of the page's settings (npm run types).
import { readFileSync, writeFileSync } from "node:fs";

const KINDS = { integer: "whole", boolean: "switch", string: "word" };

const description = new URL("../../src/bactrian/web/openapi.json", import.meta.url);
const { Settings, SearchRequest } = JSON.parse(readFileSync(description, "utf8")).components
  .schemas;

function setting([name, told]) {
  const parts = told.anyOf ?? [told];
  const words = parts.find((part) => part.enum !== undefined);
  const meanings = words?.["x-enum-descriptions"] ?? [];
  const choices = (words?.enum ?? []).map((word, i) => [word, meanings[i] ?? ""]);
  return [
    name,
    {
      kind: KINDS[parts[0].type] ?? parts[0].type,
      default: told.default,
      about: told.description ?? "",
      choices: Object.fromEntries(choices),
    },
  ];
}

const written = {
  SETTINGS: Object.fromEntries(
    Object.entries(Settings.properties)
      .filter(([, told]) => told["x-for-programs"] !== true)
      .map(setting),
  ),
  CRITERIA: SearchRequest.properties.criterion.enum,
};
const lines = Object.entries(written).map(
  ([name, value]) => `export const ${name} = ${JSON.stringify(value)} as const;\n`,
);
const heading = "// Written from openapi.json by dev/vocabulary.js.\n";
writeFileSync(new URL("../src/api/vocabulary.ts", import.meta.url), heading + lines.join(""));

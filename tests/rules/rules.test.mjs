// Each decision of the table is a test.

import { after, before, describe, test } from 'node:test';
import { decisions, environmentOf, ruleText } from './table.mjs';

const PROJECT = 'demo-rules';
let environment;

before(async () => {
  environment = await environmentOf(PROJECT, ruleText());
});
after(() => environment.cleanup());

for (const [row, all] of grouped(decisions())) {
  describe(row, () => {
    for (const { name, decide } of all) test(name, () => decide(environment));
  });
}

/** Map.groupBy came with Node 21, and 20 is enough here. */
function grouped(all) {
  const found = new Map();
  for (const each of all) found.set(each.row, [...(found.get(each.row) ?? []), each]);
  return found;
}

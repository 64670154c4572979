// Products of a small shop as Shopify and WooCommerce export them: all their columns, in their order. Both files tell of the
// same products, `blanket` and `slippers`; `doubleSand` changes cells of a variant.
const shopifyColumns = ['Handle', 'Title', 'Body (HTML)', 'Vendor', 'Product Category', 'Type', 'Tags', 'Published', 'Option1 Name',
  'Option1 Value', 'Option1 Linked To', 'Option2 Name', 'Option2 Value', 'Option2 Linked To', 'Option3 Name', 'Option3 Value',
  'Option3 Linked To', 'Variant SKU', 'Variant Grams', 'Variant Inventory Tracker', 'Variant Inventory Qty', 'Variant Inventory Policy',
  'Variant Fulfillment Service', 'Variant Price', 'Variant Compare At Price', 'Variant Requires Shipping', 'Variant Taxable',
  'Variant Barcode', 'Image Src', 'Image Position', 'Image Alt Text', 'Gift Card', 'SEO Title', 'SEO Description', 'Variant Image',
  'Variant Weight Unit', 'Variant Tax Code', 'Cost per item', 'Status'];
const wooCommerceColumns = ['ID', 'Type', 'SKU', 'GTIN, UPC, EAN, or ISBN', 'Name', 'Published', 'Is featured?', 'Visibility in catalog',
  'Short description', 'Description', 'Date sale price starts', 'Date sale price ends', 'Tax status', 'Tax class', 'In stock?', 'Stock',
  'Low stock amount', 'Backorders allowed?', 'Sold individually?', 'Weight (kg)', 'Length (cm)', 'Width (cm)', 'Height (cm)',
  'Allow customer reviews?', 'Purchase note', 'Sale price', 'Regular price', 'Categories', 'Tags', 'Shipping class', 'Images',
  'Download limit', 'Download expiry days', 'Parent', 'Grouped products', 'Upsells', 'Cross-sells', 'External URL', 'Button text',
  'Position', 'Brands', 'Attribute 1 name', 'Attribute 1 value(s)', 'Attribute 1 visible', 'Attribute 1 global', 'Attribute 2 name',
  'Attribute 2 value(s)', 'Attribute 2 visible', 'Attribute 2 global'];

// A variant is [SKU, options, price, price before, grams, stock].
export const blanket = {
  title: 'Wool blanket "Alm", thick', description: 'Woven in the valley.\n- Virgin wool\n- Für jedes Bett', status: 'active', brand: 'Weberei Huber',
  categories: ['Blankets'], attributes: { Tags: 'wool, winter' },
  variants: [
    ['BL-1-SA', { Size: 'Single', Colour: 'Sand' }, '8900 EUR', null, 1200, 4],
    ['BL-1-MO', { Size: 'Single', Colour: 'Moss' }, '8900 EUR', null, 1200, 0],
    ['BL-2-SA', { Size: 'Double', Colour: 'Sand' }, '11950 EUR', 14900, 2100, 7],
  ],
};
export const slippers = {
  title: 'Felt slippers', description: 'Warm feet.', status: 'draft', brand: 'Weberei Huber', categories: ['Shoes'], attributes: {},
  variants: [['SLIPPERS', {}, '2490 EUR', null, null, 12]],
};

export const pictures = ['blanket-sand.png', 'blanket-moss.png'];
const addressOf = (picture) => `https://pictures.example/files/${picture}?v=17`;

function csv(columns, rows) {
  const cell = (value = '') => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const unknown = rows.flatMap(Object.keys).filter((name) => !columns.includes(name));
  if (unknown.length > 0) throw new Error(`there is no column ${unknown}`);
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

export function shopifyExport({ doubleSand = {} } = {}) {
  const sold = { 'Variant Inventory Tracker': 'shopify', 'Variant Inventory Policy': 'deny',
    'Variant Fulfillment Service': 'manual', 'Variant Requires Shipping': 'true', 'Variant Taxable': 'true',
    'Variant Weight Unit': 'kg' };
  return csv(shopifyColumns, [
    { Handle: 'wool-blanket', Title: 'Wool blanket "Alm", thick',
      'Body (HTML)': '<p>Woven in the valley.</p>\n<ul><li>Virgin wool</li><li>Für jedes Bett</li></ul>', Vendor: 'Weberei Huber',
      Type: 'Blankets', Tags: 'wool, winter', Published: 'true', 'Option1 Name': 'Size', 'Option1 Value': 'Single',
      'Option2 Name': 'Colour', 'Option2 Value': 'Sand', 'Variant SKU': 'BL-1-SA', 'Variant Grams': '1200',
      'Variant Inventory Qty': '4', 'Variant Price': '89.00', 'Image Src': addressOf(pictures[0]), 'Image Position': '1',
      'Image Alt Text': 'In sand', 'Gift Card': 'false', Status: 'active', ...sold },
    { Handle: 'wool-blanket', 'Option1 Value': 'Single', 'Option2 Value': 'Moss', 'Variant SKU': 'BL-1-MO', 'Variant Grams': '1200',
      'Variant Inventory Qty': '0', 'Variant Price': '89.00', 'Image Src': addressOf(pictures[1]), 'Image Position': '2', ...sold },
    { Handle: 'wool-blanket', 'Option1 Value': 'Double', 'Option2 Value': 'Sand', 'Variant SKU': 'BL-2-SA', 'Variant Grams': '2100',
      'Variant Inventory Qty': '7', 'Variant Price': '119.50', 'Variant Compare At Price': '149.00', ...sold, ...doubleSand },
    { Handle: 'felt-slippers', Title: 'Felt slippers', 'Body (HTML)': 'Warm feet.', Vendor: 'Weberei Huber', Type: 'Shoes',
      Published: 'false', 'Option1 Name': 'Title', 'Option1 Value': 'Default Title', 'Variant SKU': 'SLIPPERS',
      'Variant Grams': '0', 'Variant Inventory Qty': '12', 'Variant Price': '24.90', 'Gift Card': 'false', Status: 'draft',
      ...sold },
  ]);
}

// It begins with a byte order mark and has the variations behind all products, as WooCommerce writes it.
export function wooCommerceExport({ doubleSand = {} } = {}) {
  const plain = { 'Is featured?': '0', 'Visibility in catalog': 'visible', 'Tax status': 'taxable', 'In stock?': '1',
    'Backorders allowed?': '0', 'Sold individually?': '0', 'Allow customer reviews?': '0' };
  const variation = (size, colour) => ({ Type: 'variation', Name: `Wool blanket "Alm", thick - ${size}, ${colour}`, Published: '1',
    Parent: 'BLANKET', 'Attribute 1 name': 'Size', 'Attribute 1 value(s)': size, 'Attribute 1 global': '1',
    'Attribute 2 name': 'Colour', 'Attribute 2 value(s)': colour, 'Attribute 2 global': '1', ...plain });
  return `\ufeff${csv(wooCommerceColumns, [
    { ID: '31', Type: 'variable', SKU: 'BLANKET', Name: 'Wool blanket "Alm", thick', Published: '1',
      Description: '<p>Woven in the valley.</p>\\n<ul><li>Virgin wool</li><li>Für jedes Bett</li></ul>', Categories: 'Home > Blankets',
      Tags: 'wool, winter', Images: pictures.map(addressOf).join(', '), Position: '0', Brands: 'Weberei Huber',
      'Attribute 1 name': 'Size', 'Attribute 1 value(s)': 'Single, Double', 'Attribute 1 visible': '1', 'Attribute 1 global': '1',
      'Attribute 2 name': 'Colour', 'Attribute 2 value(s)': 'Sand, Moss', 'Attribute 2 visible': '1', 'Attribute 2 global': '1',
      ...plain },
    { ID: '40', Type: 'simple', SKU: 'SLIPPERS', Name: 'Felt slippers', Published: '-1', 'Short description': 'Warm feet.',
      Stock: '12', 'Regular price': '24.9', Categories: 'Shoes', Position: '1', Brands: 'Weberei Huber', ...plain },
    { ID: '32', SKU: 'BL-1-SA', Stock: '4', 'Weight (kg)': '1.2', 'Regular price': '89', Position: '1', ...variation('Single', 'Sand') },
    { ID: '33', SKU: 'BL-1-MO', Stock: '0', 'Weight (kg)': '1.2', 'Regular price': '89', Position: '2', ...variation('Single', 'Moss') },
    { ID: '34', SKU: 'BL-2-SA', Stock: '7', 'Weight (kg)': '2.1', 'Sale price': '119.5', 'Regular price': '149', Position: '3',
      ...variation('Double', 'Sand'), ...doubleSand },
  ])}`;
}

// What mongodump writes of a shop, made with MongoDB's own BSON library: a folder with a .bson file for each collection.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BSON } from 'bson';

export const { ObjectId, Decimal128, Double, Int32, Long } = BSON;

// `correct horse battery`, the password of the test shop, by bcrypt, cost 10.
export const bcrypt = '$2b$10$abcdefghijklmnopqrstuuCj7fyLDJytXL.TfOiOeiv0fQvSOK1/2';

// `collections`: documents by name, or the bytes of a file as they are.
export async function writeDump(folder, collections) {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(collections)) {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.concat(content.map((document) => BSON.serialize(document)));
    await writeFile(path.join(folder, `${name}.bson`), bytes);
    await writeFile(path.join(folder, `${name}.metadata.json`), JSON.stringify({ options: {}, indexes: [{ v: 2, key: { _id: 1 }, name: '_id_' }], uuid: '00', collectionName: name, type: 'collection' }));
  }
  return folder;
}

// A shop as many a Mongoose course builds it: two customers, a category tree, a kettle, a shirt in two sizes, three orders,
// a cart. `word` keeps its addresses and names apart from those of others.
export function mongooseShop(word) {
  const ids = Object.fromEntries(['ada', 'bob', 'kitchen', 'kettles', 'kettle', 'shirt', 'small', 'large', 'paid', 'open', 'cancelled', 'cart', 'guestCart']
    .map((name) => [name, new ObjectId()]));
  const address = { fullName: 'Ada Byron', address: '12 St James Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' };
  return {
    ids,
    emails: { ada: `ada-${word}@example.com`, bob: `bob-${word}@example.com` },
    users: [
      { _id: ids.ada, name: 'Ada Byron', email: `ada-${word}@example.com`, password: bcrypt, isAdmin: true, isVerified: true, phone: 4930123456, createdAt: new Date('2019-05-04T03:02:01Z'), __v: 0 },
      { _id: ids.bob, name: 'Bob', email: `BOB-${word}@example.com`, password: bcrypt.replace('$2b$', '$2y$'), __v: 0 },
    ],
    categories: [
      { _id: ids.kettles, name: `Kettles ${word}`, parent: ids.kitchen },
      { _id: ids.kitchen, name: `Kitchen ${word}`, parent: null },
    ],
    products: [
      { _id: ids.kettle, user: ids.ada, name: `Kettle ${word}`, slug: `kettle-${word}`, description: '<p>Boils &amp; pours</p>', brand: 'Fjord', category: ids.kettles,
        price: Decimal128.fromString('19.99'), countInStock: new Int32(7), images: ['/uploads/kettle.jpg'], rating: 4.5, numReviews: 2, tags: ['tea', 'hot'] },
      { _id: ids.shirt, title: `Shirt ${word}`, category: `Clothes ${word}`, price: 25, stock: 0, variants: [
        { _id: ids.small, sku: `shirt-s-${word}`, size: 'S', price: 24.5, stock: 3 },
        { _id: ids.large, sku: `shirt-l-${word}`, size: 'L', price: 25, salePrice: 20, stock: 4 },
      ] },
    ],
    orders: [
      { _id: ids.paid, user: ids.ada, orderItems: [
        { name: 'Kettle as it was called', qty: 2, image: '/uploads/kettle.jpg', price: 18.5, product: ids.kettle },
        { name: 'Shirt', qty: 1, price: 25, product: ids.shirt, variant: ids.large },
      ], shippingAddress: address, paymentMethod: 'PayPal', itemsPrice: 62, shippingPrice: 5.95, taxPrice: 10.2, totalPrice: 78.15,
      isPaid: true, paidAt: new Date('2021-03-01T10:05:00Z'), isDelivered: true, deliveredAt: new Date('2021-03-04T12:00:00Z'), createdAt: new Date('2021-03-01T10:00:00Z') },
      { _id: ids.open, user: ids.bob, orderNumber: 'W-1042', items: [{ product: ids.kettle, name: 'Kettle', quantity: 3, price: 19.99 }],
        shippingAddress: { ...address, fullName: 'Bob' }, totalAmount: 55, status: 'Confirmed', paymentStatus: 'paid', createdAt: new Date('2026-11-20T10:00:00Z') },
      { _id: ids.cancelled, user: new ObjectId(), email: `gone-${word}@example.com`, orderItems: [{ name: 'Something sold out', qty: 1, price: 5, product: new ObjectId() }],
        shippingAddress: address, totalPrice: 5, status: 'cancelled', createdAt: new Date('2020-01-01T00:00:00Z') },
    ],
    carts: [
      { _id: ids.cart, user: ids.bob, items: [{ product: ids.kettle, quantity: 2 }, { product: ids.shirt, variant: ids.small, quantity: 1 }] },
      { _id: ids.guestCart, sessionId: 'abc', items: [{ product: ids.kettle, quantity: 1 }] },
    ],
    reviews: [{ _id: new ObjectId(), product: ids.kettle, rating: 5 }],
  };
}

// Of a shop above only what a dump holds.
export function collectionsOf({ ids, emails, ...collections }) {
  return collections;
}

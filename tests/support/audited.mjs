// The audit log as a judge of every test: each write that somebody did because of a permission, and that was answered with
// success, must stand in it with who, what, by which request, before and after. What is such a write, and what can be
// read of it before, the OpenAPI document says (x-audited).
import assert from 'node:assert/strict';

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const staff = ['support', 'manager', 'admin'];
const may = {
  'chat:agent': staff, 'orders:read': staff, 'users:read': staff,
  'catalog:write': ['manager', 'admin'], 'orders:write': ['manager', 'admin'],
  'users:write': ['admin'], 'settings:write': ['admin'],
};

export class Audited {
  constructor(contract) {
    this.contract = contract;
    this.expected = [];
    this.seen = new Set(); // "PATCH /v1/users/{id}"
  }

  note({ method, target, token, status, headers }) {
    if (status >= 300 || !token || headers['idempotent-replayed']) return;
    const template = this.contract.find(target);
    const audited = this.contract.document.paths[template]?.[method.toLowerCase()]?.['x-audited'];
    if (!audited) return;
    const key = token.startsWith('sk_');
    const claims = key ? { sub: /^key_/ } : claimsOf(token);
    if (!audited.always && (key || !may[audited.permission].includes(claims.role))) return;
    this.seen.add(`${method} ${template}`);
    this.expected.push({
      action: `${method} ${template}`, target: target.split('?')[0], request: headers['x-request-id'], actor: claims.sub,
      before: audited.before !== null, after: !(method === 'DELETE' && status === 204),
    });
  }

  // Looks all of it up in the database of a server that this test has to itself.
  async check(server) {
    if (this.expected.length === 0) return;
    const rows = (await server.sql(`select request_id || ' ' || actor || ' ' || case when before = '' then 0 else 1 end || ' ' ||
      case when after = '' then 0 else 1 end || ' ' || target || ' ' || action from audit_log`)).split('\n');
    const entries = new Map();
    for (const row of rows) {
      const [, request, actor, before, after, target, action] = /^(\S*) (\S+) (\d) (\d) (\S+) (.+)$/.exec(row) ?? [];
      const known = entries.get(`${request} ${action}`);
      // What takes several transactions has two: when it began and when it was done.
      entries.set(`${request} ${action}`, { actor, target, before: before === '1' || known?.before, after: after === '1' || known?.after });
    }
    for (const one of this.expected) {
      const entry = entries.get(`${one.request} ${one.action}`);
      assert.ok(entry, `the audit log has nothing of ${one.action} by request ${one.request}`);
      assert.equal(entry.target, one.target, one.action);
      if (one.actor instanceof RegExp) assert.match(entry.actor, one.actor);
      else assert.equal(entry.actor, one.actor, one.action);
      if (one.before) assert.ok(entry.before, `${one.action}: nothing tells how things stood before`);
      if (one.after) assert.ok(entry.after, `${one.action}: nothing tells how things stand after`);
    }
  }
}

// The server's own /openapi.json as a judge: every answer that a test sees must be one that the document promises,
// status, media type and body. Answers may not carry members that the document doesn't list.
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const pointer = (...parts) => '#/' + parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');

// The schemas of answers list what is allowed in them; problem documents may have members of their own (RFC 9457 §3.2).
function closed(document) {
  const copy = structuredClone(document);
  for (const [name, schema] of Object.entries(copy.components?.schemas ?? {})) {
    if (schema.properties && schema.additionalProperties === undefined && name !== 'Problem') schema.additionalProperties = false;
  }
  return copy;
}

export class Contract {
  constructor(document) {
    this.document = document;
    this.seen = new Set(); // "GET /v1/products/{id} 200": what the tests have met
    this.ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
    addFormats(this.ajv);
    this.ajv.addSchema(closed(document), 'openapi');
    this.validators = new Map();
    this.paths = Object.keys(document.paths).map((template) => ({
      template,
      literal: !template.includes('{'),
      pattern: new RegExp('^' + template
        .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
        .replace(/\{[^}]*\.\.\.\}/g, '.+')
        .replace(/\{[^}]*\}/g, '[^/]+') + '$'),
    }));
    this.paths.sort((a, b) => Number(b.literal) - Number(a.literal));
  }

  // The path of the document that a request's target falls under.
  find(target) {
    const path = target.split('?')[0];
    return this.paths.find(({ pattern }) => pattern.test(path))?.template;
  }

  check({ method, target, status, contentType, json, text }) {
    const asked = `${method} ${target} → ${status}`;
    if (status >= 400) this.#checkProblem(asked, contentType, json);
    const template = this.find(target);
    const operation = template && this.document.paths[template][method.toLowerCase()];
    if (!operation) {
      assert.ok([204, 400, 401, 403, 404, 405, 413, 414, 415, 431, 503].includes(status), `${asked}: not in the OpenAPI document`);
      return;
    }
    const documented = [String(status), `${String(status)[0]}XX`, 'default'].find((key) => key in operation.responses);
    assert.ok(documented, `${asked}: ${template} documents only ${Object.keys(operation.responses).join(', ')}`);
    this.seen.add(`${method} ${template} ${status}`);
    const response = operation.responses[documented];
    const content = response.$ref ? this.#resolve(response.$ref).content : response.content;
    if (!content) {
      assert.equal(text, '', `${asked}: the document promises no body`);
      return;
    }
    if ('*/*' in content) return;
    const media = (contentType ?? '').split(';')[0];
    assert.ok(media in content, `${asked}: ${media || 'no media type'} instead of ${Object.keys(content).join(', ')}`);
    if (!/[/+]json$/.test(media) || !content[media].schema) return;
    const where = response.$ref
      ? response.$ref + pointer('content', media, 'schema').slice(1)
      : pointer('paths', template, method.toLowerCase(), 'responses', documented, 'content', media, 'schema');
    this.#validate(asked, where, json);
  }

  #checkProblem(asked, contentType, json) {
    assert.match(contentType ?? '', /^application\/problem\+json/, `${asked}: errors are problem documents`);
    if ('Problem' in (this.document.components?.schemas ?? {})) this.#validate(asked, '#/components/schemas/Problem', json);
    for (const member of ['type', 'title', 'status', 'code', 'request_id']) {
      assert.ok(member in json, `${asked}: the problem has no ${member}: ${JSON.stringify(json)}`);
    }
  }

  #validate(asked, where, json) {
    if (!this.validators.has(where)) this.validators.set(where, this.ajv.compile({ $ref: `openapi${where}` }));
    const validate = this.validators.get(where);
    if (validate(json)) return;
    const faults = validate.errors.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
    assert.fail(`${asked} is not what ${where} says:\n  ${faults.join('\n  ')}\n  ${JSON.stringify(json).slice(0, 2000)}`);
  }

  #resolve(ref) {
    return ref.slice(2).split('/').reduce((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], this.document);
  }
}

// A real SMTP server on loopback that a test reads letters from, and that refuses them as it is told.
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export class Mailbox {
  // `port` 0: any free one.
  static async open({ port = 0 } = {}) {
    const box = new Mailbox();
    box.server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo: (address, session, done) => done(box.#refusal(address.address)),
      onData: (stream, session, done) => {
        simpleParser(stream).then((letter) => {
          box.letters.push({ ...letter, envelope: session.envelope });
          done();
        }, done);
      },
    });
    box.server.on('error', () => {}); // a client that goes away is no failure of a test
    await new Promise((resolve, reject) => {
      box.server.server.once('error', reject);
      box.server.listen(port, '127.0.0.1', resolve);
    });
    return box;
  }

  constructor() {
    this.letters = []; // as mailparser reads them: {from, to, subject, text, html, headers, envelope}
    this.refused = new Map(); // address → SMTP status
  }

  get port() {
    return this.server.server.address().port;
  }

  // What makes the program deliver here.
  get settings() {
    return { smtp_url: `smtp://127.0.0.1:${this.port}`, smtp_tls: 'if-offered', mail_from: 'shop@example.com' };
  }

  refuse(address, status) {
    this.refused.set(address, status);
  }

  lettersTo(address) {
    return this.letters.filter((letter) => letter.envelope.rcptTo.some((to) => to.address === address));
  }

  // The first letter to that address whose subject matches, once it has come.
  async waitFor(address, subject = /./, timeout_ms = 20_000) {
    const deadline = Date.now() + timeout_ms;
    for (;;) {
      const found = this.lettersTo(address).find((letter) => subject.test(letter.subject));
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`no letter to ${address} like ${subject}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close() {
    await new Promise((resolve) => this.server.close(resolve));
  }

  #refusal(address) {
    const status = this.refused.get(address);
    return status ? Object.assign(new Error('no such mailbox here'), { responseCode: status }) : null;
  }
}

// The secret in a letter's link.
export function tokenIn(letter) {
  const [, token] = /#token=([A-Za-z0-9_-]+)/.exec(letter.text) ?? [];
  if (!token) throw new Error(`no token in: ${letter.text}`);
  return token;
}

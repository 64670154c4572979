// The shop's REST API as this page needs it: signing in, staying signed in, lists and changes of conversations.

export interface Person { id: string; name: string; role: string; permissions: string[] }
export interface Picture {
  id: string;
  alt: string;
  width: number;
  height: number;
  dominant_color: string;
  urls: Record<'thumb' | 'small' | 'medium' | 'large' | 'original', string>;
}
export interface Message {
  id: string;
  conversation_id: string;
  sender: { id: string; name: string; role: string };
  text: string;
  client_id: string | null;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  read_by: string[];
  pictures: Picture[];
}
export interface Conversation {
  id: string;
  kind: 'support' | 'direct';
  subject: string | null;
  status: 'open' | 'closed';
  participants: { user_id: string; name: string; role: string }[];
  assigned_to: string | null;
  last_message: Message | null;
  unread_count: number;
  updated_at: string;
}
export interface CannedReply { id: string; title: string; text: string }
export interface Report { id: string; text: string; reason: string; created_at: string }
interface Tokens { access_token: string; refresh_token: string }

export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, detail: string) {
    super(detail);
  }
}

async function send(method: string, path: string, body?: unknown, token?: string): Promise<any> {
  const headers: Record<string, string> = {};
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method, headers, body: isForm || body === undefined ? (body as FormData) : JSON.stringify(body) });
  if (answer.headers.get('content-type')?.startsWith('image/')) return answer.blob();
  const json = answer.status === 204 ? undefined : await answer.json();
  if (!answer.ok) throw new Refusal(answer.status, json.code, json.errors?.[0]?.message ?? json.detail ?? json.title);
  return json;
}

// Kept for the tab, not for the browser: a customer and an agent fit side by side.
const place = 'kontor-chat';

export class Session {
  private renewing: Promise<void> | null = null;
  me!: Person;

  private constructor(private tokens: Tokens) {}

  get token(): string {
    return this.tokens.access_token;
  }
  get isAgent(): boolean {
    return this.me.permissions.includes('chat:agent');
  }

  // Resolves to an `mfa_token` if the account wants a code as well.
  static async signIn(email: string, password: string): Promise<Session | { mfa_token: string }> {
    const answer = await send('POST', '/v1/auth/login', { email, password });
    return answer.mfa_required ? { mfa_token: answer.mfa_token } : Session.begin(answer);
  }
  static async confirm(mfa_token: string, code: string): Promise<Session> {
    return Session.begin(await send('POST', '/v1/auth/mfa', { mfa_token, code }));
  }
  static async resume(): Promise<Session | null> {
    const kept = sessionStorage.getItem(place);
    if (!kept) return null;
    try {
      return await Session.begin(JSON.parse(kept));
    } catch {
      sessionStorage.removeItem(place);
      return null;
    }
  }
  private static async begin(tokens: Tokens): Promise<Session> {
    const session = new Session(tokens);
    session.keep(tokens);
    session.me = await session.call('GET', '/v1/me');
    return session;
  }

  async signOut(): Promise<void> {
    sessionStorage.removeItem(place);
    await send('POST', '/v1/auth/logout', { refresh_token: this.tokens.refresh_token }).catch(() => undefined);
  }

  // With a fresh token if this one has ended meanwhile.
  async call(method: string, path: string, body?: unknown): Promise<any> {
    try {
      return await send(method, path, body, this.token);
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.status !== 401) throw refusal;
      await this.renew();
      return send(method, path, body, this.token);
    }
  }

  // One at a time: a refresh token works once.
  renew(): Promise<void> {
    this.renewing ??= send('POST', '/v1/auth/refresh', { refresh_token: this.tokens.refresh_token })
      .then((tokens) => this.keep(tokens))
      .finally(() => {
        this.renewing = null;
      });
    return this.renewing;
  }

  private keep({ access_token, refresh_token }: Tokens): void {
    this.tokens = { access_token, refresh_token };
    sessionStorage.setItem(place, JSON.stringify(this.tokens));
  }
}

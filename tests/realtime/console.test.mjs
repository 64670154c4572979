// The page at /chat in a real browser: a customer and an agent in two windows, by mouse, by keyboard and on a phone.
// With KONTOR_SCREENSHOTS=FOLDER it leaves pictures there.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { png } from '../support/png.mjs';
import { TestShop, engine } from '../support/shop.mjs';

const browserPath = '/usr/bin/chromium';
const skip = existsSync(browserPath) ? false : `there is no ${browserPath}: ./dev test installs it`;
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

describe(`the chat's page (${engine})`, { skip }, () => {
  let shop, address, browser, ann, mia;
  before(async () => {
    shop = await TestShop.open();
    address = `http://127.0.0.1:${shop.port}/chat`;
    [ann, mia] = [await shop.registerUser({ name: 'Ann Byron' }), await shop.hire('support')];
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser?.close();
    await shop?.close();
  });

  const faults = [];
  const visit = async (person, options = {}) => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(address);
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password').fill(person.password);
    await page.keyboard.press('Enter');
    await page.getByText('Connected').waitFor();
    return page;
  };
  const picture = async (page, name) => {
    if (process.env.KONTOR_SCREENSHOTS) await page.screenshot({ path: path.join(process.env.KONTOR_SCREENSHOTS, `${name}.png`) });
  };
  const ask = async (page, subject, text) => {
    await page.getByRole('button', { name: 'New question' }).click();
    await page.getByLabel('What is it about?').fill(subject);
    await page.getByLabel('Your question').fill(text);
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('heading', { name: subject }).waitFor();
  };
  const say = async (page, text) => {
    await page.getByLabel('Your message').fill(text);
    await page.keyboard.press('Enter');
  };
  const shown = (page) => page.locator('.messages .text').allTextContents();

  test('a customer and an agent talk in two windows', async () => {
    const [customer, agent] = [await visit(ann), await visit(mia)];
    await ask(customer, 'Where is my mug?', 'It should have been here on Monday.');
    await agent.getByRole('button', { name: /Where is my mug/ }).click();
    await agent.getByText('It should have been here on Monday.', { exact: true }).waitFor();
    await agent.getByRole('button', { name: 'Take', exact: true }).click();
    await agent.getByLabel('Your message').pressSequentially('I am looking for it.');
    await customer.getByText('is typing').waitFor();
    await agent.keyboard.press('Enter');
    await customer.getByText('I am looking for it.', { exact: true }).waitFor();
    await say(customer, 'Thank you! I am at home all day.');
    await agent.locator('.messages').getByText('Thank you!').waitFor();
    await agent.locator('.messages .mine', { hasText: 'read' }).waitFor();
    await picture(customer, 'customer');
    await picture(agent, 'agent');
    assert.deepEqual(await shown(customer), await shown(agent));

    await customer.reload(); // to the list
    await say(agent, 'It comes on Tuesday.');
    await customer.locator('.badge').waitFor();
    await customer.getByRole('button', { name: /Where is my mug/ }).click();
    await customer.locator('.badge').waitFor({ state: 'detached' });

    await agent.getByRole('button', { name: 'Close', exact: true }).click();
    await customer.getByText('Closed.').waitFor();
    assert.deepEqual(faults, []);
  });

  test('a message that comes while the list is on its way is counted', async () => {
    const [customer, otherWindow, agent] = [await visit(ann), await visit(ann), await visit(mia)];
    await ask(customer, 'A slow line', 'Is anybody there?');
    await agent.getByRole('button', { name: /A slow line/ }).click();
    await customer.goto('about:blank'); // it keeps nothing but who is signed in
    let read, arrive;
    const [isRead, mayArrive] = [new Promise((resolve) => { read = resolve; }), new Promise((resolve) => { arrive = resolve; })];
    await customer.route('**/v1/conversations?limit=50', async (route) => {
      const response = await route.fetch();
      read();
      await mayArrive;
      await route.fulfill({ response });
    }, { times: 1 });
    await customer.goto(address);
    await customer.getByText('Connected').waitFor();
    await isRead;
    await say(agent, 'Here I am.');
    const unread = (window) => window.getByRole('button', { name: /A slow line/ }).locator('.badge');
    await unread(otherWindow).waitFor();
    arrive();
    await unread(customer).waitFor();
  });

  test('a picture is sent, seen and shown larger', async () => {
    const [customer, agent] = [await visit(ann), await visit(mia)];
    await ask(customer, 'A broken handle', 'Look:');
    const file = { name: 'handle.png', mimeType: 'image/png', buffer: png(900, 300, [200, 40, 40]) };
    await customer.getByLabel('Choose pictures').setInputFiles([file]);
    await customer.getByRole('list', { name: 'Pictures to send' }).getByRole('button', { name: 'Remove' }).waitFor();
    await customer.getByRole('button', { name: 'Send' }).click();
    await agent.getByRole('button', { name: /A broken handle/ }).click();
    const shownLarger = agent.getByRole('button', { name: 'Show larger: handle.png' });
    await shownLarger.waitFor();
    await agent.waitForFunction(() => [...document.querySelectorAll('button.picture img')].every((image) => image.naturalWidth > 0));
    await picture(agent, 'picture');
    await shownLarger.press('Enter');
    await agent.waitForFunction(() => document.querySelector('dialog.large img')?.naturalWidth === 900);
    await picture(agent, 'picture-large');
    await agent.keyboard.press('Escape');
    await agent.locator('dialog').waitFor({ state: 'detached' });
    await customer.getByLabel('Choose pictures').setInputFiles([{ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear shop') }]);
    await customer.getByRole('alert').filter({ hasText: 'letter.txt' }).waitFor();
    faults.length = 0; // the browser counts the refusal as an error
  });

  test('the team has ready answers and finds what was said', async () => {
    const [customer, agent] = [await visit(ann), await visit(mia)];
    await ask(customer, 'Opening hours', 'When can I call you about the Windlicht?');
    await agent.getByRole('button', { name: /Opening hours/ }).click();
    await agent.getByRole('button', { name: 'Ready answers' }).click();
    await agent.getByLabel('Title').fill('Hours');
    await agent.getByLabel('Text', { exact: true }).fill('From 9 to 17.');
    await agent.getByRole('button', { name: 'Add', exact: true }).click();
    await agent.getByRole('button', { name: /^Hours/ }).waitFor();
    await picture(agent, 'ready-answers');
    await agent.getByRole('button', { name: /^Hours/ }).click();
    assert.equal(await agent.getByLabel('Your message').inputValue(), 'From 9 to 17.');
    await agent.keyboard.press('Enter');
    await customer.getByText('From 9 to 17.', { exact: true }).waitFor();
    await agent.getByRole('button', { name: 'Ready answers' }).click();
    await agent.getByRole('button', { name: 'Remove Hours' }).click();
    await agent.getByText('None yet.').waitFor();
    await agent.getByRole('button', { name: 'Done' }).click();

    const found = agent.locator('.list').getByText('Windlicht');
    for (let i = 0; i < 50 && !(await found.count()); ++i) { // the index follows
      await agent.getByLabel('Search messages').fill('windlicht call');
      await agent.keyboard.press('Enter');
      await agent.waitForTimeout(200);
    }
    await found.click();
    await agent.getByRole('heading', { name: 'Opening hours' }).waitFor();
    await picture(agent, 'search');
    assert.deepEqual(faults, []);
  });

  test('somebody who is rude is reported and blocked; the team sees to it', async () => {
    const troll = await shop.registerUser({ name: 'Tom Troll' });
    const talk = await shop.client.post('/v1/conversations', { kind: 'direct', participant_id: ann.user.id, text: 'You are a mug.' }, { token: troll.access_token });
    assert.equal(talk.status, 201);
    const [page, agent] = [await visit(ann, phone), await visit(mia)];
    await page.getByRole('button', { name: /Tom Troll/ }).click();
    await page.getByRole('button', { name: 'Report' }).click();
    await page.getByLabel('What is wrong with it?').fill('Insults me');
    await picture(page, 'report');
    await page.getByRole('button', { name: 'OK' }).click();
    await page.getByText('Reported.').waitFor();
    await page.getByRole('button', { name: 'Block' }).click();
    await page.getByRole('button', { name: 'Unblock' }).waitFor();
    const refused = await shop.client.post(`/v1/conversations/${talk.json.id}/messages`, { text: 'Hey!' }, { token: troll.access_token });
    assert.equal(refused.status, 403);
    await page.getByRole('button', { name: 'Unblock' }).click();
    await page.getByRole('button', { name: 'Block', exact: true }).waitFor();
    await agent.getByRole('button', { name: 'Reports' }).click();
    await agent.getByText('You are a mug.').waitFor();
    await picture(agent, 'reports');
    await agent.getByRole('button', { name: 'Resolved' }).click();
    await agent.getByText('Nothing here.').waitFor();
    assert.deepEqual(faults, []);
  });

  test('messages written while the server is away arrive once, in order', async () => {
    const customer = await visit(ann);
    await ask(customer, 'Away', 'Are you there?');
    await customer.getByText('Are you there?', { exact: true }).waitFor();
    await shop.server.kill9();
    await customer.getByText('Connecting…').waitFor();
    await say(customer, 'first');
    await say(customer, 'second');
    await customer.getByText('Sending…').first().waitFor();
    await picture(customer, 'offline');
    await shop.server.start();
    await customer.getByText('Connected').waitFor();
    await customer.waitForFunction(() => !document.querySelector('.waiting'));
    assert.deepEqual(await shown(customer), ['Are you there?', 'first', 'second']);
    faults.length = 0; // the browser complains of refused connections, rightly
  });

  test('on a phone, by keyboard, in the dark', async () => {
    const page = await visit(ann, { ...phone, colorScheme: 'dark' });
    await page.getByRole('button', { name: 'New question' }).waitFor();
    await page.keyboard.press('Tab'); // sign out
    await page.keyboard.press('Tab'); // new question
    await page.keyboard.press('Enter');
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Can you hear me?');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By keyboard' }).waitFor();
    await page.keyboard.type('I write where the focus is.');
    await page.keyboard.press('Enter');
    await page.getByText('I write where the focus is.', { exact: true }).waitFor();
    await picture(page, 'phone');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(wide, false, 'nothing sticks out at the side');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /By keyboard/ }).waitFor();
    await picture(page, 'phone-list');
    assert.deepEqual(faults, []);
  });

  test('a wrong password is said, and nothing is kept', async () => {
    const page = await browser.newPage();
    await page.goto(address);
    await page.getByLabel('E-mail').fill(ann.email);
    await page.getByLabel('Password').fill('not her password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await page.close();
  });
});

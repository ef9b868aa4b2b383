'use strict';

// The page's whole behaviour. Its Content-Security-Policy allows no script and no style within the page.
const $ = (id) => document.getElementById(id);
const heartbeatEveryMs = 20_000, feedLimit = 200, maxRooms = 2;
const shortestPauseMs = 1_000, longestPauseMs = 15_000;
const heartbeatNote = 'This page sends a heartbeat every 20 seconds, and comes back when the server does.';
const base = new URL('.', location.href);

/** Closes after which a client must not come back unchanged: it left by itself or broke the protocol; and 40xx. */
const isFinal = (code) => [1000, 1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4000 && code < 4100);

let socket = null, token = null, received = 0;
// What comes next for the connection that the user has asked for: a heartbeat, or another attempt. At most one.
let timer = 0, failures = 0, attempt = 0;

$('device-id').value = 'browser-' + Math.random().toString(36).slice(2, 8);
// The usual pair of ports; on any other port the page's own address serves /ws as well.
const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
$('ws-url').value = location.port === '8080' ? `${scheme}//${location.hostname}:8081/ws` : `${scheme}//${location.host}${base.pathname}ws`;

const note = (id, text, bad = false) => { $(id).textContent = text; $(id).classList.toggle('bad', bad); };

/** Something that the user has to mend; the field that it is in gets the focus. */
class Mistake extends Error {
  constructor(field, text) { super(text); this.field = field; }
}

/** An answer of the API that is no success. */
class Refused extends Error {
  constructor(status, text) { super(`${status}: ${text}`); this.status = status; }
}

function explain(id, prefix, error) {
  note(id, error instanceof Mistake ? error.message : `${prefix}: ${error.message}`, true);
  if (error instanceof Mistake) $(error.field).focus();
}

function state(name, text) {
  $('state').dataset.state = name;
  $('state').textContent = text;
  const busy = name === 'open' || name === 'connecting';
  $('connect').disabled = busy;
  $('disconnect').disabled = !busy;
}

function show(text, kind) {
  const feed = $('feed'), item = document.createElement('li'), time = document.createElement('time'), body = document.createElement('pre');
  item.className = kind;
  item.dataset.testid = kind;
  const now = new Date();
  time.textContent = now.toLocaleTimeString('en-GB') + '.' + String(now.getMilliseconds()).padStart(3, '0');
  body.textContent = text;
  item.append(time, body);
  feed.prepend(item);
  while (feed.childElementCount > feedLimit) feed.lastElementChild.remove();
}

async function ask(path, init) {
  const headers = { ...init?.headers, ...($('api-key').value && { Authorization: `Bearer ${$('api-key').value}` }) };
  let response;
  try {
    response = await fetch(new URL(path, base), { ...init, headers, signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    throw new Error(error.name === 'TimeoutError' ? 'the API does not answer' : 'the API cannot be reached');
  }
  const body = await response.json().catch(() => ({}));
  if (response.headers.has('WWW-Authenticate')) $('api-key-row').hidden = false;
  if (!response.ok) throw new Refused(response.status, body.error ?? body.data ?? response.statusText);
  return body;
}

// --- What the user has typed ---

const isRoom = (id) => /^[A-Za-z0-9_.:-]{1,64}$/.test(id);
const isPrincipal = (id) => id.length <= 128 && !/[\p{Cc}\p{Cs}]/u.test(id);

/** The rooms that count: the first two that are distinct, as the server takes them. */
function rooms() {
  const all = [...new Set($('rooms').value.split(',').map((room) => room.trim()).filter(Boolean))];
  return { joined: all.slice(0, maxRooms), ignored: all.slice(maxRooms) };
}

function checkRoom(field, id) {
  if (!isRoom(id)) throw new Mistake(field, `“${id}” is no room id: 1 to 64 of A–Z a–z 0–9 _ . : -`);
}

function checkPrincipal(field, id) {
  if (!isPrincipal(id)) throw new Mistake(field, 'An id has at most 128 characters, and no control characters.');
}

function identity() {
  const query = new URLSearchParams();
  if ($('device-id').value) query.set('deviceId', $('device-id').value);
  if ($('user-id').value) query.set('userId', $('user-id').value);
  if ($('is-login').checked) query.set('isLogin', 'true');
  return query;
}

function checkSession() {
  if ($('is-login').checked && !$('user-id').value) throw new Mistake('user-id', 'Which user is logged in? Enter a user id.');
  if (!$('is-login').checked && !$('device-id').value) throw new Mistake('device-id', 'Enter a device id: a session without a login needs one.');
  checkPrincipal('device-id', $('device-id').value);
  checkPrincipal('user-id', $('user-id').value);
  rooms().joined.forEach((room) => checkRoom('rooms', room));
  if (!URL.canParse($('ws-url').value) || !/^(wss?|https?):$/.test(new URL($('ws-url').value).protocol)) throw new Mistake('ws-url', 'Enter a WebSocket address: ws://host:port/ws');
}

/** The message as JSON text: what is JSON goes out as it was typed, all else as a string. */
function message() {
  const text = $('message').value, trimmed = text.trim();
  if ($('as-text').checked) return JSON.stringify(text);
  const looksLikeJson = /^[[{]/.test(trimmed) || trimmed.endsWith('}');
  try {
    const parsed = JSON.parse(text);
    return parsed !== null && typeof parsed === 'object' ? text : JSON.stringify(text);
  } catch (error) {
    if (looksLikeJson) throw new Mistake('message', `This is not valid JSON: ${error.message}. To send it all the same, tick “Plain text”.`);
    return JSON.stringify(text);
  }
}

function publication() {
  const kind = $('target').value, id = kind === 'roomId' ? $('target-id').value.trim() : $('target-id').value;
  if (kind && !id) throw new Mistake('target-id', { roomId: 'Which room?', userId: 'Which user?', deviceId: 'Which device?' }[kind] + ' Enter an id, or choose “everybody”.');
  if (kind === 'roomId') checkRoom('target-id', id);
  else if (kind) checkPrincipal('target-id', id);
  if (!$('message').value) throw new Mistake('message', 'Enter a message.');
  return `{${kind ? `"${kind}":${JSON.stringify(id)},` : ''}"message":${message()}}`;
}

// --- The connection ---

function connect() {
  try {
    checkSession();
  } catch (error) {
    explain('connect-note', 'No connection', error);
    return;
  }
  failures = 0;
  open({ joined: rooms().joined, ignored: rooms().ignored, query: identity(), address: $('ws-url').value, hasBeenOpen: false });
}

function stop(name, text) {
  clearTimeout(timer);
  attempt++;
  const old = socket;
  socket = null;
  old?.close(1000);
  state(name, text);
}

/** Gets a token and connects. `session` is what the user asked for, so that it comes back as it was. */
async function open(session) {
  const mine = ++attempt;
  state('connecting', session.hasBeenOpen ? 'reconnecting' : 'connecting');
  if (!session.hasBeenOpen) note('connect-note', '');
  let next;
  try {
    token = (await ask('get/token?' + session.query)).data;
    if (mine !== attempt) return;
    const address = new URL(session.address);
    address.searchParams.set('token', token);
    address.searchParams.set('roomIds', session.joined.join(','));
    next = new WebSocket(address);
  } catch (error) {
    if (mine !== attempt) return;
    // A refusal is not mended by asking again; a server that is away comes back.
    const isRefusal = error instanceof Refused && error.status < 500 && error.status !== 429;
    if (session.hasBeenOpen && !isRefusal) return comeBack(session, error.message);
    state('closed', 'not connected');
    note('connect-note', `No connection: ${error.message}`, true);
    return;
  }

  socket = next;
  next.onopen = () => {
    if (socket !== next) return;
    session.hasBeenOpen = true;
    failures = 0;
    state('open', 'connected');
    show(session.joined.length ? `connected to ${session.joined.join(', ')}` : 'connected, broadcasts only', 'event');
    const ignored = session.ignored.length ? ` A connection joins at most ${maxRooms} rooms: ${session.ignored.join(', ')} ${session.ignored.length === 1 ? 'is' : 'are'} left out.` : '';
    note('connect-note', heartbeatNote + ignored);
    timer = setTimeout(beat, heartbeatEveryMs, session);
  };
  next.onmessage = (event) => {
    received++;
    $('count').textContent = received === 1 ? '1 message' : `${received} messages`;
    show(event.data, 'message');
  };
  next.onclose = (event) => {
    if (socket !== next) return;
    clearTimeout(timer);
    socket = null;
    const reason = [event.code, event.reason].filter(Boolean).join(' ');
    if (session.hasBeenOpen && $('state').dataset.state === 'open') show(`disconnected (${reason})`, 'event');
    if (session.hasBeenOpen && !isFinal(event.code)) return comeBack(session, reason);
    state('closed', session.hasBeenOpen ? 'disconnected' : 'not connected');
    if (event.code === 1006) note('connect-note', 'The connection failed or was refused. Is the WebSocket address right, and may this page use the server?', true);
  };
}

/** Waits longer after each failure, and never as long as others: whoever was cut together does not come back together. */
function comeBack(session, reason) {
  const pause = Math.min(longestPauseMs, shortestPauseMs * 2 ** failures++) * (0.5 + Math.random() / 2);
  state('connecting', 'reconnecting');
  note('connect-note', `Disconnected (${reason}). The next attempt follows in ${(pause / 1000).toFixed(1)} s.`, true);
  clearTimeout(timer);
  timer = setTimeout(open, pause, session);
}

/** A heartbeat that fails is repeated soon: the next one in its turn could be too late. */
async function beat(session) {
  const mine = attempt;
  let pause = heartbeatEveryMs;
  try {
    await ask('heartbeat?' + new URLSearchParams({ token }));
    if (mine === attempt) note('connect-note', `Last heartbeat at ${new Date().toLocaleTimeString('en-GB')}.`);
  } catch (error) {
    if (mine !== attempt || !socket) return;
    note('connect-note', `Heartbeat failed: ${error.message}`, true);
    pause = 1_000 + Math.random() * 2_000;
    if (error.status === 401) {
      // The token is worth nothing any more: another one, and another connection.
      const old = socket;
      socket = null;
      old?.close(1000);
      open(session);
      return;
    }
  }
  if (mine === attempt && socket) timer = setTimeout(beat, pause, session);
}

// --- Publishing ---

async function push() {
  let body;
  try {
    body = publication();
  } catch (error) {
    explain('push-note', 'Not sent', error);
    return;
  }
  $('push').disabled = true;
  const start = performance.now();
  try {
    const answer = await ask('push/new/score/message', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    note('push-note', `Confirmed in ${Math.round(performance.now() - start)} ms, id ${answer.id}`);
  } catch (error) {
    explain('push-note', 'Not sent', error);
  } finally {
    $('push').disabled = false;
  }
}

function code() {
  const address = new URL('get/token?' + identity(), base);
  $('code-js').textContent =
    `const { data: token } = await (await fetch('${address}')).json();\n` +
    `const socket = new WebSocket(\`${$('ws-url').value}?token=\${token}&roomIds=${rooms().joined.map(encodeURIComponent).join(',')}\`);\n` +
    `socket.onmessage = (event) => console.log(event.data);`;
  let body;
  try {
    body = publication();
  } catch (error) {
    $('code-curl').textContent = error.message;
    return;
  }
  $('code-curl').textContent = `curl ${new URL('push/new/score/message', base)} -H 'Content-Type: application/json' -d '${body.replaceAll("'", "'\\''")}'`;
}

$('connect-form').addEventListener('submit', (event) => { event.preventDefault(); connect(); });
$('disconnect').addEventListener('click', () => {
  if (socket?.readyState === WebSocket.OPEN) show('disconnected (1000)', 'event');
  stop('closed', 'disconnected');
  note('connect-note', '');
});
$('push-form').addEventListener('submit', (event) => { event.preventDefault(); push(); });
$('clear').addEventListener('click', () => { $('feed').replaceChildren(); received = 0; $('count').textContent = '0 messages'; });
$('target').addEventListener('change', () => {
  const kind = $('target').value;
  $('target-id').disabled = !kind;
  $('target-id-label').textContent = { roomId: 'Room id', userId: 'User id', deviceId: 'Device id', '': 'Id' }[kind];
  $('target-id').value = { roomId: rooms().joined[0] ?? '', userId: $('user-id').value, deviceId: $('device-id').value, '': '' }[kind];
});
document.addEventListener('input', code);
document.addEventListener('change', code);
code();

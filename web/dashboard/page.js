// The page of the walking skeleton: lanes, chains and the newest messages, asked for once a second.
const POLL_MILLISECONDS = 1000;

const element = (id) => document.getElementById(id);
const short = (hash) => (hash ? `${hash.slice(0, 10)}…${hash.slice(-6)}` : "—");

function cell(content, { hash = false, state } = {}) {
  const td = document.createElement("td");
  const holder = hash ? td.appendChild(document.createElement("code")) : td;
  holder.textContent = hash ? short(content) : content;
  if (hash && content) td.title = content;
  if (state) td.dataset.state = state;
  return td;
}

function show(id, rows, whenEmpty, columns) {
  const body = element(id);
  if (rows.length === 0) {
    const td = cell(whenEmpty);
    td.colSpan = columns;
    rows = [[td]];
  }
  body.replaceChildren(
    ...rows.map((cells) => {
      const tr = document.createElement("tr");
      tr.append(...cells);
      return tr;
    }),
  );
}

function attested({ attestations }) {
  return attestations ? `${attestations.count} of ${attestations.threshold}` : "✓";
}

function messageRow(message) {
  const { lane, nonce, state, messageId, source, destination } = message;
  return [
    cell(`${lane.from} → ${lane.to}`),
    cell(nonce),
    cell(state, { state }),
    cell(attested(message)),
    cell(messageId, { hash: true }),
    cell(source.transactionHash, { hash: true }),
    cell(destination?.transactionHash, { hash: true }),
  ];
}

async function get(path) {
  const response = await fetch(path);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error?.message ?? response.statusText);
  return body;
}

async function refresh() {
  const [status, list] = await Promise.all([get("/api/v1/status"), get("/api/v1/messages")]);
  show(
    "lanes",
    status.lanes.map(({ from, to, sent, accepted }) => [
      cell(`${from} → ${to}`),
      cell(sent),
      cell(accepted),
      cell(String(BigInt(sent) - BigInt(accepted))),
    ]),
    "No lanes are configured.",
    4,
  );
  show(
    "chains",
    status.chains.map(({ name, chainId, block, final, validatorSet }) => [
      cell(name),
      cell(chainId),
      cell(block),
      cell(final),
      cell(`${validatorSet.threshold} of ${validatorSet.members.length}`),
      cell(validatorSet.epoch),
    ]),
    "No chains are configured.",
    6,
  );
  show("messages", list.messages.map(messageRow), "No message was sent yet.", 7);
  return list.index.filter(({ lagSeconds }) => lagSeconds === null || lagSeconds > 60);
}

function tell(text, isStale) {
  const line = element("freshness");
  line.dataset.stale = String(isStale);
  if (line.textContent !== text) line.textContent = text;
}

async function loop() {
  try {
    const late = (await refresh()).map(({ chain }) => chain);
    if (late.length === 0) tell("Live", false);
    else tell(`The list of messages is old: the index is behind on ${late.join(" and ")}.`, true);
  } catch (error) {
    tell(`What you see may be old: ${error.message}`, true);
  }
  setTimeout(loop, POLL_MILLISECONDS);
}

element("find").addEventListener("submit", async (event) => {
  event.preventDefault();
  const id = new FormData(event.target).get("id");
  try {
    const message = await get(`/api/v1/messages/${id}`);
    const { lane, nonce, state } = message;
    element("found").textContent =
      `${lane.from} → ${lane.to} #${nonce}: ${state}, attested ${attested(message)}`;
  } catch (error) {
    element("found").textContent = error.message;
  }
});

await loop();

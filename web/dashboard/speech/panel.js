// The panel "Spoken alerts": what is said, always as text; and as sound, in the way that the listener has turned on.
import { BrowserSpeaker, stepsOf } from "./browser-engine.js";
import { StreamSound } from "./stream-sound.js";

const API = "/api/v1/speech";
const PREFERENCES = "dchat-speech";
/** How soon a role that does not answer is asked again, in milliseconds, the longer the longer it is away. */
const RETRY_MILLISECONDS = { least: 2_000, most: 30_000 };
const MOST_BEFORE = 5;
const MOST_PLANS = 20;

const element = (id) => document.getElementById(id);
const panel = element("speech");
const synthesis = globalThis.speechSynthesis;

/** Heard here or not; never remembered, for nothing plays before somebody turns it on. */
let isOn = false;
/** What the role says of itself; `undefined` while it is not reachable. */
let speaker;
let trouble = "";
/** What is being said: its id and priority. */
let current;
/** What the listener has stopped here. */
let stopped;
let retry = RETRY_MILLISECONDS.least;
/** @type {EventSource | undefined} */
let events;
/** @type {StreamSound | undefined} */
let sound;
const plans = new Map();

const preferences = { way: "stream", voice: "", rate: 1, ...remembered() };

function remembered() {
  try {
    const { way, voice, rate } = JSON.parse(localStorage.getItem(PREFERENCES) ?? "{}");
    return {
      ...(["stream", "browser", "text"].includes(way) && { way }),
      ...(typeof voice === "string" && { voice }),
      ...(rate >= 0.5 && rate <= 2 && { rate }),
    };
  } catch {
    return {}; // what is stored is somebody else's, or storing is forbidden: the defaults do
  }
}

function remember() {
  try {
    localStorage.setItem(PREFERENCES, JSON.stringify(preferences));
  } catch {
    element("speech-note").textContent = "This browser does not let the page remember your choice.";
  }
}

const browser =
  synthesis &&
  new BrowserSpeaker({ synthesis, Utterance: globalThis.SpeechSynthesisUtterance, onChange: show });
const voices = () => synthesis?.getVoices() ?? [];
const hasWay = () => preferences.way !== "browser" || voices().length > 0;

// What comes from the role

function connect() {
  events?.close();
  const source = new EventSource(`${API}/events${isOn ? "?listening=1" : ""}`);
  events = source;
  const on = (kind, handle) =>
    source.addEventListener(kind, (event) => {
      if (source !== events) return;
      handle(JSON.parse(event.data));
      show();
    });
  on("state", (state) => {
    [speaker, trouble, retry] = [state, "", RETRY_MILLISECONDS.least];
    current = undefined;
    if (state.control.current !== undefined) void catchUp(state.control.current);
    startSound();
  });
  on("queued", () => speaker && speaker.waiting++);
  on("command", ({ command }) => {
    if (command === "pause" || command === "stop") browser?.hold();
    if (command === "resume") browser?.resume();
    void refresh();
  });
  on("said", said);
  on("ended", ended);
  source.onerror = () => {
    if (source !== events) return;
    source.close();
    void lost();
  };
}

/** What was begun before this page came is shown as a whole. */
async function catchUp({ id, priority }) {
  const plan = await planOf(id);
  if (current !== undefined || plan === undefined) return;
  tell({ id, priority, text: plan.sentences.join(" ") });
  show();
}

/** Says why, and asks again by and by. */
async function lost() {
  [speaker, current] = [undefined, undefined];
  stopSound();
  trouble = await reason();
  show();
  setTimeout(connect, retry);
  retry = Math.min(RETRY_MILLISECONDS.most, retry * 2);
}

async function reason() {
  try {
    const response = await fetch(`${API}/state`);
    const body = await response.json();
    return response.ok ? "The connection to the speaker was lost; asking again." : body.error.message;
  } catch {
    return "The API does not answer; asking again.";
  }
}

async function refresh() {
  speaker = (await get("state")) ?? speaker;
  show();
}

/** What the role answers; `undefined` where it does not: that the news have ended tells why. */
async function get(path) {
  try {
    const response = await fetch(`${API}/${path}`);
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

function said({ id, priority, sentence, text }) {
  if (stopped !== id) {
    stopped = undefined;
    sound?.unmute();
  }
  tell({ id, priority, text });
  if (isOn && preferences.way === "browser" && stopped !== id) void sayHere({ id, priority, sentence, text });
}

function tell({ id, priority, text }) {
  tellBefore();
  current = { id, priority };
  element(priority === "urgent" ? "speech-urgent" : "speech-said").textContent = text;
}

async function sayHere(sentence) {
  const plan = await planOf(sentence.id);
  // Stopped or turned off while the plan was on its way.
  if (!isOn || preferences.way !== "browser" || stopped === sentence.id) return;
  const { steps, notes } = stepsOf(plan, sentence, { voices: voices(), ...preferences });
  element("speech-note").textContent = notes.join("; ");
  browser?.say({ ...sentence, steps });
}

async function planOf(id) {
  if (!plans.has(id)) {
    plans.set(id, await get(`plans/${encodeURIComponent(id)}`));
    if (plans.size > MOST_PLANS) plans.delete(plans.keys().next().value);
  }
  return plans.get(id);
}

function ended({ id, outcome }) {
  if (outcome === "skipped" || outcome === "stopped") browser?.drop(id);
  if (current?.id !== id) return;
  current = undefined;
  if (stopped === id) sound?.unmute();
  stopped = undefined;
  void refresh();
}

/** What was said last makes room, and stays to be read. */
function tellBefore() {
  const [urgent, usual] = [element("speech-urgent"), element("speech-said")];
  const text = urgent.textContent || usual.textContent;
  if (text !== "") {
    const item = document.createElement("li");
    item.textContent = text;
    if (urgent.textContent !== "") item.dataset.priority = "urgent";
    element("speech-before").prepend(item);
    while (element("speech-before").children.length > MOST_BEFORE)
      element("speech-before").lastChild.remove();
  }
  urgent.textContent = "";
  usual.textContent = "";
}

// What the listener does

function startSound() {
  if (!isOn || preferences.way !== "stream" || speaker === undefined || sound !== undefined) return;
  const mine = new StreamSound();
  sound = mine;
  mine.start(`${API}/audio.wav`).catch((error) => {
    if (sound !== mine) return; // closed, or begun anew with the news
    stopSound();
    trouble = `No sound: ${error.message}`;
    show();
  });
}

function stopSound() {
  sound?.close();
  sound = undefined;
  browser?.stop();
}

element("speech-toggle").addEventListener("click", () => {
  isOn = !isOn;
  stopped = undefined;
  stopSound();
  startSound();
  connect();
  show();
});

element("speech-stop").addEventListener("click", () => {
  stopped = current?.id;
  sound?.mute();
  // With nothing being said there is nothing to mute until something ends.
  if (stopped === undefined) sound?.unmute();
  browser?.stop();
  show();
});

for (const radio of panel.querySelectorAll('input[name="speech-way"]')) {
  radio.checked = radio.value === preferences.way;
  radio.addEventListener("change", () => {
    preferences.way = radio.value;
    remember();
    element("speech-note").textContent = "";
    stopSound();
    startSound();
    show();
  });
}

element("speech-voice").addEventListener("change", ({ target }) => {
  preferences.voice = target.value;
  remember();
});

element("speech-rate").value = preferences.rate;
element("speech-rate").addEventListener("input", ({ target }) => {
  preferences.rate = Number(target.value);
  remember();
  show();
});

// What is seen

function listVoices() {
  const options = voices().map(({ name, lang }) => new Option(`${name} (${lang})`, name));
  element("speech-voice").replaceChildren(new Option("The language's own", ""), ...options);
  element("speech-voice").value = voices().some(({ name }) => name === preferences.voice)
    ? preferences.voice
    : "";
  show();
}

function stateOf() {
  if (speaker === undefined) return trouble === "" ? "connecting" : "unreachable";
  if (!isOn) return "off";
  if (!hasWay()) return "no-voices";
  if (browser?.isSpeaking || (current !== undefined && stopped !== current.id))
    return current?.priority === "urgent" ? "urgent" : "speaking";
  return "quiet";
}

const waits = () => (speaker.waiting === 1 ? " One message waits." : ` ${speaker.waiting} messages wait.`);
const WORDS = {
  connecting: () => ["Connecting", ""],
  unreachable: () => ["Not reachable", "Nothing is heard until the speaker answers."],
  off: () => ["Off", `Nothing plays here until you turn it on.${speaker.waiting > 0 ? waits() : ""}`],
  "no-voices": () => ["No voices", "This browser has none. Choose another way; the text is below."],
  quiet: () =>
    speaker.control.isPaused
      ? ["Paused", `Go on with “dchat speech resume”.${speaker.waiting > 0 ? waits() : ""}`]
      : [
          "On",
          stopped === undefined
            ? "Quiet: nothing is being said."
            : "Stopped; the next message is heard again.",
        ],
  speaking: () => ["Speaking", "The words are below."],
  urgent: () => ["Urgent", "The words are below."],
};

/** Only what has changed is written: live regions would speak again. */
function write(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}

function show() {
  const state = stateOf();
  const [word, more] = WORDS[state]();
  panel.dataset.state = state;
  write("speech-word", word);
  write("speech-more", more);
  write("speech-trouble", trouble);
  write("speech-toggle", isOn ? "Turn off" : "Turn on");
  element("speech-stop").disabled = !isOn;
  element("speech-browser").hidden = preferences.way !== "browser" || voices().length === 0;
  element("speech-before-all").hidden = element("speech-before").children.length === 0;
  const rate = `${preferences.rate.toFixed(1)}×`;
  write("speech-rate-now", rate);
  element("speech-rate").setAttribute("aria-valuetext", `${preferences.rate.toFixed(1)} times`);
}

synthesis?.addEventListener("voiceschanged", listVoices);
listVoices();
connect();

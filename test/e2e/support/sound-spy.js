// Runs before a page's own scripts: notes what the page has played, and gives it voices of a browser that has some. Chromium without a
// screen has none, so this engine is a fake: it takes 20 ms a character.
globalThis.heard = { begun: 0, silenced: 0, spoken: [], cancelled: 0 };

for (const [method, count] of [
  ["start", "begun"],
  ["stop", "silenced"],
]) {
  const own = AudioBufferSourceNode.prototype[method];
  AudioBufferSourceNode.prototype[method] = function (...given) {
    globalThis.heard[count]++;
    return own.apply(this, given);
  };
}

const voices = [
  { name: "Ada", lang: "en-US", localService: true },
  { name: "Berta", lang: "en-GB", localService: true },
  { name: "Carla", lang: "de-DE", localService: true },
];
let speaking = [];
const engine = Object.assign(new EventTarget(), {
  getVoices: () => (location.search === "?voiceless" ? [] : voices),
  speak: (utterance) => {
    const { text, lang, rate, volume, voice } = utterance;
    globalThis.heard.spoken.push({ text, lang, rate, volume, voice: voice?.name ?? null });
    speaking.push(setTimeout(() => utterance.onend?.(), text.length * 20));
  },
  cancel: () => {
    if (speaking.length > 0) globalThis.heard.cancelled++;
    for (const timer of speaking) clearTimeout(timer);
    speaking = [];
  },
});
Object.defineProperty(globalThis, "speechSynthesis", { value: engine });
Object.defineProperty(globalThis, "SpeechSynthesisUtterance", {
  value: class {
    constructor(text) {
      this.text = text;
    }
  },
});

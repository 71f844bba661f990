// A wallet as an extension injects it: it announces itself by EIP-6963 and has the test answer.
const listeners = new Map();

const provider = {
  async request(call) {
    const { result, error } = JSON.parse(await globalThis.askWallet(JSON.stringify(call)));
    if (error !== undefined) throw Object.assign(new Error(error.message), error);
    return result;
  },
  on(event, listener) {
    listeners.set(event, [...(listeners.get(event) ?? []), listener]);
  },
  removeListener(event, listener) {
    listeners.set(
      event,
      (listeners.get(event) ?? []).filter((each) => each !== listener),
    );
  },
};

globalThis.tellPage = (event, value) => {
  for (const listener of listeners.get(event) ?? []) listener(value);
};

const info = {
  uuid: "test-wallet",
  rdns: "org.example.wallet",
  name: "Test wallet",
  icon: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><path d='M0 0h1v1H0z'/></svg>",
};
const detail = Object.freeze({ info: Object.freeze(info), provider });
const announce = () => globalThis.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
globalThis.addEventListener("eip6963:requestProvider", announce);
announce();

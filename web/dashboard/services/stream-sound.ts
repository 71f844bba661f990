/** Of the stream, in hertz; its samples are 16-bit, mono, after the head of a WAV file. */
const SAMPLE_RATE = 16_000;
const HEADER_BYTES = 44;
/** How far ahead of what is heard a first block is put, in seconds: the next arrives meanwhile. */
const AHEAD_SECONDS = 0.08;
/** What lies further ahead is the past: a page that slept goes on with what is said now. */
const MOST_AHEAD_SECONDS = 3;

/**
 * The sound of the speech role, as it comes: raw samples through Web Audio, for an `<audio>` element would hold seconds back. Plays from
 * {@link StreamSound.start} to {@link StreamSound.close}; made when the listener has turned it on, and not before.
 */
export class StreamSound {
  readonly #context = new AudioContext({ sampleRate: SAMPLE_RATE });
  readonly #ending = new AbortController();
  readonly #playing = new Set<AudioBufferSourceNode>();
  #until = 0;
  #isMuted = false;

  /**
   * Plays until the stream ends or {@link close} is called.
   * @throws Error when the stream cannot be had
   */
  async start(url: string): Promise<void> {
    await this.#context.resume();
    const response = await fetch(url, { signal: this.#ending.signal });
    if (!response.ok || response.body === null)
      throw new Error(`the sound is not to be had (${response.status})`);
    const reader = response.body.getReader();
    let [skip, rest] = [HEADER_BYTES, new Uint8Array()];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const bytes = new Uint8Array(rest.length + value.length);
      bytes.set(rest);
      bytes.set(value, rest.length);
      const head = Math.min(skip, bytes.length);
      skip -= head;
      const whole = head + ((bytes.length - head) & ~1);
      rest = bytes.slice(whole);
      if (whole > head) this.#play(bytes.slice(head, whole));
    }
  }

  /** Silence, at once, until {@link unmute}. */
  mute(): void {
    this.#isMuted = true;
    for (const source of this.#playing) source.stop();
    this.#until = 0;
  }

  unmute(): void {
    this.#isMuted = false;
  }

  close(): void {
    this.#ending.abort();
    this.mute();
    if (this.#context.state !== "closed") void this.#context.close();
  }

  #play(bytes: Uint8Array): void {
    const now = this.#context.currentTime;
    if (this.#isMuted || this.#context.state === "closed" || this.#until - now > MOST_AHEAD_SECONDS) return;
    const view = new DataView(bytes.buffer);
    const samples = Float32Array.from(
      { length: bytes.length / 2 },
      (_, at) => view.getInt16(2 * at, true) / 32_768,
    );
    const buffer = this.#context.createBuffer(1, samples.length, SAMPLE_RATE);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#context.destination);
    source.onended = () => this.#playing.delete(source);
    const at = this.#until > now ? this.#until : now + AHEAD_SECONDS;
    source.start(at);
    this.#playing.add(source);
    this.#until = at + buffer.duration;
  }
}

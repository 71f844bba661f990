/** Mono sound of 16 bits a sample. */
export type Sound = { readonly sampleRate: number; readonly samples: Int16Array<ArrayBuffer> };

/** The sample rate of everything that is played, streamed and written, in hertz: enough for speech, and that of the default engine. */
export const OUTPUT_RATE = 16_000;

/** Quieter than this is silence: 32 dB below the loudness of speech as engines make it (-46 dB of full scale). */
const SILENCE = 32_768 * 10 ** (-46 / 20);
/** The grain in which silence is looked for, in milliseconds. */
const GRAIN_MILLISECONDS = 5;
/** What is cut off is faded over so many milliseconds, so that nothing clicks. */
const FADE_MILLISECONDS = 2;

/** Silence of an exact length. */
export function silence(milliseconds: number, sampleRate = OUTPUT_RATE): Int16Array<ArrayBuffer> {
  return new Int16Array(Math.round((milliseconds * sampleRate) / 1_000));
}

/** How long sound is, in milliseconds. */
export function millisecondsOf(samples: number, sampleRate = OUTPUT_RATE): number {
  return (samples * 1_000) / sampleRate;
}

/**
 * What is heard of a stretch of speech: without the silence that its engine put around it, which no two engines do alike, at
 * {@link OUTPUT_RATE}, and as loud as asked for.
 * @param gain in decibels; `null` keeps the length and is silent
 */
export function render(sound: Sound, gain: number | null): Int16Array<ArrayBuffer> {
  const samples = resample(trimSilence(sound), OUTPUT_RATE);
  return gain === null ? new Int16Array(samples.length) : amplify(samples, gain);
}

/** Sound without the silence before and after it; none at all where there is only silence. */
export function trimSilence({ samples, sampleRate }: Sound): Sound {
  const grain = Math.max(1, Math.round((sampleRate * GRAIN_MILLISECONDS) / 1_000));
  const isLoud = (index: number) => rms(samples.subarray(index * grain, (index + 1) * grain)) > SILENCE;
  const grains = Math.ceil(samples.length / grain);
  let first = 0;
  while (first < grains && !isLoud(first)) first++;
  let last = grains;
  while (last > first && !isLoud(last - 1)) last--;
  const trimmed = samples.slice(first * grain, last * grain);
  fadeEnds(trimmed, Math.round((sampleRate * FADE_MILLISECONDS) / 1_000));
  return { samples: trimmed, sampleRate };
}

function fadeEnds(samples: Int16Array, length: number): void {
  const faded = Math.min(length, samples.length >> 1);
  for (let index = 0; index < faded; index++) {
    const factor = (index + 1) / (faded + 1);
    const last = samples.length - 1 - index;
    samples[index] = Math.round((samples[index] ?? 0) * factor);
    samples[last] = Math.round((samples[last] ?? 0) * factor);
  }
}

/** Sound louder by so many decibels; what would be past full scale is held there. */
export function amplify(samples: Int16Array<ArrayBuffer>, decibels: number): Int16Array<ArrayBuffer> {
  if (decibels === 0) return samples;
  const factor = 10 ** (decibels / 20);
  return samples.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * factor))));
}

/** Root mean square, in units of a sample. */
export function rms(samples: Int16Array): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/** Half the length of the resampling kernel, in samples of the lower rate. */
const LOBES = 12;

/** Changes the sample rate, by a windowed sinc that cuts off below half the lower rate. */
export function resample({ samples, sampleRate }: Sound, to: number): Int16Array<ArrayBuffer> {
  if (sampleRate === to) return samples;
  const step = sampleRate / to;
  const scale = Math.min(1, 1 / step);
  const reach = LOBES / scale;
  const resampled = new Int16Array(Math.round(samples.length / step));
  for (let index = 0; index < resampled.length; index++) {
    const centre = index * step;
    let [sum, weight] = [0, 0];
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    for (let at = Math.max(0, Math.ceil(centre - reach)); at <= last; at++) {
      const kernel = sincWindow((at - centre) * scale);
      sum += kernel * (samples[at] ?? 0);
      weight += kernel;
    }
    const value = weight === 0 ? 0 : Math.round(sum / weight);
    resampled[index] = Math.max(-32_768, Math.min(32_767, value));
  }
  return resampled;
}

function sincWindow(x: number): number {
  if (x === 0) return 1;
  const angle = Math.PI * x;
  const window = 0.5 + 0.5 * Math.cos(angle / LOBES); // Hann
  return (Math.sin(angle) / angle) * window;
}

/** The sizes in the head of a WAV file whose length is not known yet: players then read to the end. */
const UNKNOWN_LENGTH = 0xffff_ffff;
const HEADER_BYTES = 44;

/** The head of a WAV file of 16-bit mono PCM. @param samples how many follow; left out, as many as will come */
export function wavHeader(samples?: number, sampleRate = OUTPUT_RATE): Uint8Array {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  const bytes = samples === undefined ? UNKNOWN_LENGTH : samples * 2;
  const tag = (at: number, text: string) => {
    for (let index = 0; index < text.length; index++) header.setUint8(at + index, text.charCodeAt(index));
  };
  tag(0, "RIFF");
  header.setUint32(4, samples === undefined ? UNKNOWN_LENGTH : bytes + HEADER_BYTES - 8, true);
  tag(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true); // PCM
  header.setUint16(22, 1, true); // mono
  header.setUint32(24, sampleRate, true);
  header.setUint32(28, sampleRate * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  tag(36, "data");
  header.setUint32(40, bytes, true);
  return new Uint8Array(header.buffer);
}

/** Samples as the little-endian bytes of PCM, without a copy. */
export function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * The sound in a WAV file of 16-bit mono PCM, as engines write it; one whose head says no length is read to its end.
 * @returns `undefined` for anything else
 */
export function decodeWav(bytes: Uint8Array): Sound | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || tag(0) !== "RIFF" || tag(8) !== "WAVE") return undefined;
  let sampleRate: number | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (tag(at) === "fmt " && body + 16 <= bytes.length) {
      const isPcm = view.getUint16(body, true) === 1 || view.getUint16(body, true) === 0xfffe;
      if (!isPcm || view.getUint16(body + 2, true) !== 1 || view.getUint16(body + 14, true) !== 16)
        return undefined;
      sampleRate = view.getUint32(body + 4, true);
    }
    if (tag(at) === "data") {
      if (sampleRate === undefined || sampleRate === 0) return undefined;
      const end = Math.min(bytes.length, body + length);
      // A copy: where the sound begins is no place for 16-bit numbers, and a Buffer's slice is none of its own.
      const copy = Uint8Array.from(bytes.subarray(body, body + ((end - body) & ~1)));
      return { sampleRate, samples: new Int16Array(copy.buffer) };
    }
    at = body + length + (length & 1);
  }
  return undefined;
}

import { type Emphasis, PLAIN_STYLE, type SayAs, sayAsKinds, type Style } from "./document.ts";
import { readPitch, readRate, readVolume } from "./values.ts";

type Attributes = Readonly<Record<string, string>>;

const levels: readonly Emphasis[] = ["none", "reduced", "moderate", "strong"];

/** How text inside an element sounds, given how it sounds around it. The attributes have been checked. */
export function styleInside(name: string, attributes: Attributes, around: Style = PLAIN_STYLE): Style {
  const language = attributes["xml:lang"];
  const style = language === undefined ? around : { ...around, language };
  switch (name) {
    case "emphasis": {
      const level = attributes["level"] ?? "moderate";
      return { ...style, emphasis: levels.find((each) => each === level) ?? "moderate" };
    }
    case "prosody": {
      const { rate, pitch, volume } = attributes;
      return {
        ...style,
        rate: (rate === undefined ? undefined : readRate(rate)) ?? style.rate,
        pitch: (pitch === undefined ? undefined : readPitch(pitch, style.pitch)) ?? style.pitch,
        volume: (volume === undefined ? undefined : readVolume(volume, style.volume)) ?? style.volume,
      };
    }
    case "voice":
      return insideVoice(attributes, style);
    default:
      return style;
  }
}

/** A new voice speaks as it does: the prosody around it was that of another. */
function insideVoice({ name, gender, languages }: Attributes, style: Style): Style {
  const [language] = languages?.split(" ").filter((tag) => tag !== "") ?? [];
  const genders = ["male", "female", "neutral"] as const;
  return {
    ...style,
    language: language ?? style.language,
    voice: {
      names: name?.split(" ").filter((each) => each !== "") ?? [],
      gender: genders.find((each) => each === gender),
    },
  };
}

/** What a `say-as` asks for. The attributes have been checked. */
export function sayAsOf(attributes: Attributes): SayAs | undefined {
  const as = sayAsKinds.find((kind) => kind === attributes["interpret-as"]);
  return as && { as, format: attributes["format"] };
}

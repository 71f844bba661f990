import { type Command, Option } from "commander";
import type { CommandContext, LocalContext } from "../context.ts";
import type { SayOptions } from "./say.ts";
import type { VoicesOptions } from "./voices.ts";

/** What commands are given when they run, and how one says that it found something wrong. */
type Contexts = {
  readonly local: () => LocalContext;
  readonly full: () => CommandContext;
  readonly foundWrong: () => void;
};

/** What a listener tells a speaker, and what that does. */
const CONTROLS = {
  enable: "let the speaker be heard; it is silent until then",
  disable: "silence the speaker until it is enabled again",
  pause: "silence; what is being said goes on at the start of its sentence after resume",
  resume: "go on after pause or stop",
  stop: "silence at once, and end what is being said; everything else waits for resume",
  skip: "end what is being said, and go on with the next",
} as const;

/** Adds `dchat speech …` to the program. Each command loads its code when it runs. */
export function addSpeechCommands(dchat: Command, contexts: Contexts): void {
  const speech = dchat
    .command("speech")
    .description("what is spoken: alerts and messages, by voices that need no network");
  addSpeaking(speech, contexts);
  speech
    .command("queue")
    .description("what is being said, what waits, and what was said last")
    .option("--limit <number>", "how many utterances, up to 500; default: 20")
    .action(async (options: { limit?: string }) => {
      (await import("./queue.ts")).showQueue(options, contexts.full());
    });
  speech
    .command("remove")
    .description("take an utterance out that waits")
    .argument("<id>", "its id, as dchat speech queue prints it")
    .action(async (id: string) => {
      (await import("./queue.ts")).removeUtterance(id, contexts.full());
    });
  for (const [command, description] of Object.entries(CONTROLS))
    speech
      .command(command)
      .description(description)
      .action(async () => (await import("./queue.ts")).tell(command, contexts.full()));
}

function addSpeaking(speech: Command, { local, foundWrong }: Contexts): void {
  const engine = new Option("--engine <engine>", "what speaks")
    .choices(["flite", "espeak-ng", "say", "sapi"])
    .default("flite");
  speech
    .command("voices")
    .description("the voices that there are")
    .option("--language <language>", 'only voices for a language, such as "en" or "en-US"')
    .addOption(
      new Option("--gender <gender>", "only voices of a gender").choices(["male", "female", "neutral"]),
    )
    .addOption(engine)
    .option("--preview", "have each of them speak a sentence")
    .option("--out <file>", "write the preview as a WAV file instead of playing it")
    .action(async (options: VoicesOptions) => (await import("./voices.ts")).listVoices(options, local()));
  speech
    .command("say")
    .description("speak a text or an SSML document, here and now; needs no network and no fleet")
    .option("--text <text>", "plain text")
    .option("--ssml <file>", "an SSML 1.1 document; - reads standard input")
    .option("--out <file>", "write a WAV file instead of playing")
    .option("--voice <voice>", "by name or id; dchat speech voices lists them")
    .option("--language <language>", "of the text; default: en-US")
    .option("--rate <factor>", "held between 0.5 and 2")
    .option("--pitch <factor>", "held between 0.5 and 2")
    .option("--volume <decibels>", "over the voice's own loudness, held between -60 and 6")
    .option("--spell-out", "say addresses and hashes digit by digit")
    .addOption(engine)
    .action(async (options: SayOptions) => (await import("./say.ts")).say(options, local()));
  speech
    .command("check")
    .description("whether an SSML document would be spoken; exit code 1 and every error when it would not")
    .argument("<file>", "the document; - reads standard input")
    .action(async (file: string) => {
      const { check } = await import("./check.ts");
      if (!(await check(file, local()))) foundWrong();
    });
}

import { only } from '../harmless.ts';
import { type FieldFate, mapped, refused, warned } from '../table.ts';

const PARTS = 'contents[].parts';
const RESULT = `${PARTS}[functionResponse].functionResponse`;
const NO_SETTING = 'this provider has no such setting';
const NOT_FROM_HERE = 'what a tool of another provider did cannot be told to this one';

/** Where pictures, sounds and documents may stand: in contents, and in the results of functions. */
export const GEMINI_MEDIA = [PARTS, `${RESULT}.parts`] as const;

/** Google's own tools, and what they gave. */
const HOSTED = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'] as const;

/** Parts that no instruction can be. */
const NO_INSTRUCTIONS = [
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'audioTranscription',
  ...HOSTED,
] as const;

/** What is said about a part beside what it is. */
const ABOUT_PARTS = ['mediaResolution', 'mediaProcessing', 'videoMetadata', 'speechMetadata'] as const;

const instructions: readonly FieldFate[] = [
  mapped('systemInstruction.role', 'its place says it'),
  refused(
    NO_INSTRUCTIONS.map((name) => `systemInstruction.parts[${name}]`),
    'instructions are text in this dialect',
  ),
  refused('systemInstruction.parts[*]', 'a part of this kind is not known to this gateway'),
  warned(
    ['thought', 'thoughtSignature', ...ABOUT_PARTS].map((name) => `systemInstruction.parts[].${name}`),
    NO_SETTING,
  ),
  mapped('systemInstruction.parts[].partMetadata', 'the client keeps it for itself', { whole: true }),
].flat();

const contents: readonly FieldFate[] = [
  mapped('contents[].role', '`model` is `assistant`; what answers functions is told apart by its parts'),
  warned(
    ABOUT_PARTS.map((name) => `${PARTS}[].${name}`),
    NO_SETTING,
  ),
  mapped(`${PARTS}[].partMetadata`, 'the client keeps it for itself', { whole: true }),
  refused(`${PARTS}[audioTranscription]`, 'a transcript has no place beside its sound in this dialect'),
  refused(
    HOSTED.map((name) => `${PARTS}[${name}]`),
    NOT_FROM_HERE,
  ),
  GEMINI_MEDIA.flatMap((place) => [
    ...warned(
      [`${place}[inlineData].inlineData.displayName`, `${place}[fileData].fileData.displayName`],
      'files have no names of this kind in this dialect',
    ),
    ...refused(`${place}[*]`, 'a part of this kind is not known to this gateway'),
  ]),
  warned(
    ['partialArgs', 'willContinue'].map((name) => `${PARTS}[functionCall].functionCall.${name}`),
    'calls of a history are whole',
    { harmless: only(false) },
  ),
  warned(`${RESULT}.parts[].mediaProcessing`, NO_SETTING),
  warned(`${RESULT}.scheduling`, 'the model reads a result at once'),
  warned(`${RESULT}.willContinue`, 'the result of a function is whole', { harmless: only(false) }),
].flat();

/** What the contents of a Gemini request say, as far as it has the same fate at each provider of another dialect. */
export const geminiContents: readonly FieldFate[] = [...instructions, ...contents];

/** How a provider of another dialect is told what the contents say. */
export interface ContentNotes {
  readonly instructions: string;
  /** Of the texts that are said, as in `a text part`. */
  readonly text: string;
  readonly bytes: string;
  readonly address: string;
  /** Why some of them cannot be sent. */
  readonly unread: string;
  readonly call: string;
  readonly callId: string;
  readonly result: string;
}

/** The rows of what each provider can be told, in its own words. */
export function toldContents(notes: ContentNotes): FieldFate[] {
  const media = { unless: notes.unread };
  return [
    mapped('systemInstruction.parts[text].text', notes.instructions),
    mapped(`${PARTS}[text].text`, notes.text),
    GEMINI_MEDIA.flatMap((place) => [
      ...mapped(`${place}[inlineData].inlineData.data`, notes.bytes, media),
      ...mapped(`${place}[inlineData].inlineData.mimeType`, 'says what it is', media),
      ...mapped(`${place}[fileData].fileData.fileUri`, notes.address, {
        unless: 'it lies at Google, or the provider reads nothing of its kind at an address: it is refused',
      }),
      ...mapped(`${place}[fileData].fileData.mimeType`, 'says what it is'),
    ]),
    mapped(`${PARTS}[functionCall].functionCall.name`, notes.call),
    mapped(`${PARTS}[functionCall].functionCall.args`, notes.call, { whole: true }),
    mapped(
      [`${PARTS}[functionCall].functionCall.id`, `${RESULT}.id`],
      `${notes.callId}; one is made up where there is none`,
    ),
    mapped(`${RESULT}.name`, 'says which call it answers where there is no id'),
    mapped(`${RESULT}.response`, `${notes.result}: the text of \`output\` or \`error\` alone, else as JSON`, {
      whole: true,
    }),
  ].flat();
}
